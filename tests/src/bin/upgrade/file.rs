//! On SQLite: the earlier server is killed at work, and this build's takes a copy of its directory over, at the same address.
//! The directory itself stays as it was: the way back.

use std::{fs, path::Path};

use tests::{Node, binary, files, run_to_end};

use crate::{
    Builds,
    rolling::Versions,
    scene::{Change, End, Scene, refused, use_command},
};

pub(crate) fn play(builds: &Builds, scratch: &Path, versions: Versions) -> End {
    let (earlier, this) = (&builds.earlier, &builds.this);
    let (original, copy) = (scratch.join("original"), scratch.join("copy"));
    let (from, to) = (original.to_str().unwrap(), copy.to_str().unwrap());
    Node::init_as(&earlier.server, from);
    let mut server = Node::start_as(&earlier.server, &scratch.join("server"), from);
    let address = server.address().to_owned();
    let scene = Scene::begin(std::slice::from_ref(&address));
    let session = scene.session;
    let old = Change::make(&address, session, "made by the earlier build");
    scene.step("a server of the earlier build", || use_command(&this.command, &address, scratch));
    scene.step("it is killed, and a copy of its directory served by the new one", || {
        server.kill();
        copy_directory(&original, &copy);
        server.start_again_as(&this.server, to);
    });
    scene.step("it answers again what the earlier one has done", || old.repeat(&address, session));
    scene.step("the earlier command with the new server", || use_command(&earlier.command, &address, scratch));
    if versions.differ() {
        scene.step("it is stopped, the earlier one refused, and started again", || {
            server.stop();
            let before = files(&copy);
            let complaint = refused(&earlier.server, to);
            assert!(complaint.contains("newer"), "{complaint}");
            assert_eq!(files(&copy), before, "a server that refuses a store has changed it");
            server.start_again();
        });
    }
    let end = scene.end(&address);
    server.stop();
    let check = |store: &str| {
        let mut command = std::process::Command::new(binary("grades-server"));
        run_to_end(command.args(["check", "--data", store]), "")
    };
    check(to).ok();
    // The way back: what was not touched is what the earlier server serves.
    server.start_again_as(&earlier.server, from);
    old.repeat(&address, session);
    end
}

fn copy_directory(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for (name, bytes) in files(from) {
        fs::write(to.join(name), bytes).unwrap();
    }
}
