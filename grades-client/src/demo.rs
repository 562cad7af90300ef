//! The demonstration: a server in this process on a throw-away store, and the whole service over its socket. It is the only
//! place of this crate that knows the server.
//!
//! Nothing is staged: the server is the one that `grades-server run` starts, the calls go through the generated clients,
//! and each result is compared with the expected one. A difference makes the program end with an error.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
    time::{Duration, Instant},
};

use grades_api::model::Password;
use grades_client::Connection;
use grades_server::{Config, GradesServer, init};
use rpc_core::{
    Channel,
    transport::{Deadline, TcpTransport, Waiting},
};

use crate::{
    failure::{Exit, Failure},
    render::print_text,
};

mod pace;
use pace::Pace;

mod stage;
use stage::Stage;

mod story;

mod wire;
use wire::Recorder;

/// Plays the story on a server of its own; shows the `wire`, and waits for a key at each `step` of it.
pub(crate) fn run(wire: bool, step: bool) -> Result<(), Failure> {
    let pace = if step { Some(Pace::at_terminal()?) } else { None };
    let began = Instant::now();
    let directory = tempfile::tempdir().map_err(|error| failed("can't make a temporary directory", &error))?;
    let server = start(directory.path())?;
    let address = server.address();
    let mut stage = Stage::new(wire.then(Recorder::default), pace);
    stage.say(&introduction(address))?;
    let recorder = stage.recorder().cloned();
    story::play(&mut stage, &|| connect(address, recorder.as_ref()))?;
    server.drain();
    let results = stage.finish()?;
    print_text(&format!("\n{results} results, all as expected, in {:.1} s\n", began.elapsed().as_secs_f64()))
}

/// The steps of `grades-server init` and `grades-server run`, on loopback and on whatever port is free.
fn start(directory: &Path) -> Result<GradesServer, Failure> {
    let password = Password::new(story::ADMINISTRATOR_PASSWORD);
    let mut config = Config::new(directory);
    init(config.store.clone(), story::ADMINISTRATOR, &password, config.password_cost, &*config.clock)
        .map_err(|error| failed("can't make the store", &error))?;
    config.listen = (Ipv4Addr::LOCALHOST, 0).into();
    GradesServer::start(config).map_err(|error| failed("can't start the server", &error))
}

fn connect(address: SocketAddr, recorder: Option<&Recorder>) -> Result<Connection, Failure> {
    let Some(recorder) = recorder else {
        return Connection::open(&address.to_string()).map_err(|error| failed("can't connect", &error));
    };
    let transport = TcpTransport::connect(address, Deadline::after(CONNECT_WAIT), Waiting::Adaptive)
        .map_err(|error| failed("can't connect", &error))?;
    Ok(Connection::over(Channel::over(recorder.record(transport))))
}

/// Longer than any connection within one machine takes.
const CONNECT_WAIT: Duration = Duration::from_secs(5);

fn introduction(address: SocketAddr) -> String {
    format!(
        "\
A grades server listens on {address}, its store in a temporary directory, its first administrator made at the console.
Below each call of a generated client, as it stands in the source, is what the server answered over the socket:
✓ marks an expected result. The letters (a) to (g) name the operations of the service."
    )
}

fn failed(what: &str, error: &dyn std::error::Error) -> Failure {
    Failure::new(Exit::Failure, format!("{what}: {error}"))
        .hint("the demonstration needs a writable temporary directory and a free port on 127.0.0.1")
}
