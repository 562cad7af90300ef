//! A server in this process, on a directory: where its disk can be made to fail.

use std::{
    fs::{self, File},
    path::Path,
};

use grades_api::{
    Grades, GradesClient,
    model::{Password, SessionId},
};
use grades_client::Connection;
use grades_server::{Config, GradesServer, InitError, PasswordCost, StartError, StoreAddress, SystemClock, init};
use rpc_core::{CallOptions, Channel};
use tests::{ADMINISTRATOR, Files, PASSWORD, files};

use crate::load::{Doubt, PROMOTION, Place};

/// The file that holds the rows.
pub(crate) const STORE: &str = "grades.sqlite";

/// The file that is locked while the store is open.
const LOCK: &str = "lock";

/// Serves the store at `address`, which may be a directory.
pub(crate) fn serve(address: impl Into<StoreAddress>) -> Result<GradesServer, StartError> {
    let mut config = Config::new(address);
    config.listen.set_port(0);
    config.password_cost = PasswordCost::FOR_TESTS;
    GradesServer::start(config)
}

/// Stops it, and waits until its store is closed: the last thread that has it may outlive the server by a moment.
pub(crate) fn stop(server: GradesServer, directory: &Path) {
    drop(server);
    File::open(directory.join(LOCK)).unwrap().lock().unwrap();
}

/// A channel to it.
pub(crate) fn channel(server: &GradesServer) -> Channel {
    Channel::connect(&server.address().to_string()).unwrap()
}

/// The client of a session.
pub(crate) fn grades(channel: &Channel, session: SessionId) -> GradesClient {
    GradesClient::new(channel.clone()).with(CallOptions::new().credential(session.expose()))
}

/// A store with the promotion and so many students, and the session of its administrator: where many histories begin.
#[derive(Clone, Debug)]
pub(crate) struct Beginning {
    pub(crate) files: Files,
    pub(crate) session: SessionId,
    pub(crate) students: usize,
}

impl Beginning {
    pub(crate) fn new(students: usize) -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let directory = scratch.path().join("store");
        init_store(directory.as_path()).unwrap();
        let server = serve(directory.as_path()).unwrap();
        let session = fill(&Connection::over(channel(&server)), students);
        stop(server, &directory); // closes the store, so that its file holds everything
        Self { files: files(&directory), session, students }
    }

    /// Where clients of a server on such a store add marks.
    pub(crate) fn place(&self, server: &GradesServer) -> Place {
        let Self { session, students, .. } = *self;
        Place { addresses: server.address().to_string(), session, students, doubt: Doubt::SameKey }
    }
}

pub(crate) fn init_store(address: impl Into<StoreAddress>) -> Result<(), InitError> {
    init(address, ADMINISTRATOR, &Password::new(PASSWORD), PasswordCost::FOR_TESTS, &SystemClock)
}

/// Signs in as the administrator, and makes the promotion with so many students.
pub(crate) fn fill(connection: &Connection, students: usize) -> SessionId {
    let session = connection.login(ADMINISTRATOR, &Password::new(PASSWORD)).unwrap();
    session.grades.create_promotion(PROMOTION).unwrap();
    for student in 0..students {
        session.grades.add_student(PROMOTION, &student.to_string(), &format!("Student {student}")).unwrap();
    }
    session.id()
}

/// Puts exactly these files into a directory.
pub(crate) fn put(files: &Files, directory: &Path) {
    if directory.exists() {
        fs::remove_dir_all(directory).unwrap();
    }
    fs::create_dir(directory).unwrap();
    for (name, bytes) in files {
        fs::write(directory.join(name), bytes).unwrap();
    }
}
