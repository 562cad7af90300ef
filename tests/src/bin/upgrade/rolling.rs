//! On PostgreSQL: two servers of the earlier build, a new one beside them that brings the store up, and then one after the
//! other replaced, while clients know only the addresses of the first two.

use std::path::Path;

use grades_api::Accounts as _;
use grades_client::Connection;
use rpc_core::{Error, Status};
use tests::{Database, Node};

use crate::{
    Builds,
    scene::{Change, End, Scene, refused, sign_in, use_command},
};

/// The version of a store before and after.
pub(crate) struct Versions {
    pub(crate) before: String,
    pub(crate) after: String,
}

impl Versions {
    /// Whether the earlier build must refuse the store now.
    pub(crate) fn differ(&self) -> bool {
        self.before != self.after
    }
}

/// `None` where PostgreSQL is not installed.
pub(crate) fn play(builds: &Builds, scratch: &Path) -> Option<(End, Versions)> {
    let database = Database::new()?;
    let store = database.url();
    let version = || database.sql("SELECT version FROM grades_store");
    let (earlier, this) = (&builds.earlier, &builds.this);
    Node::init_as(&earlier.server, &store);
    let node = |name: &str, program| Node::start_as(program, &scratch.join(name), &store);
    let mut first = node("first", &earlier.server);
    let mut second = node("second", &earlier.server);
    let before = version();
    let scene = Scene::begin(&[first.address().to_owned(), second.address().to_owned()]);
    let session = scene.session;
    let old = Change::make(first.address(), session, "made by the earlier build");
    scene.step("two servers of the earlier build", || use_command(&this.command, first.address(), scratch));

    // So that a step which indexes them, as the fifth does, takes long enough to be met by the clients.
    let audit = "INSERT INTO audit (at_ms, actor, peer, action, object, detail)
                 SELECT 1, 'console', 'local', 'add_mark', 'load/' || n, 'mark ' || n FROM generate_series(1, 1000000) n";
    database.sql(audit);
    let third = scene.step("a new one starts beside them", || node("third", &this.server));
    let versions = Versions { before, after: version() };
    println!("  the store was of version {} and is of version {}", versions.before, versions.after);
    let (here, there) = (first.address(), third.address());
    scene.step("each answers again what the other has done", || {
        old.repeat(there, session);
        let new = Change::make(there, session, "made by this build");
        new.repeat(here, session);
        Change::make(here, session, "made by the earlier build beside this one").repeat(there, session);
        new.repeat(second.address(), session);
        new.is_another_with_another_key(here, session);
    });
    scene.step("a session that is ended at one has ended at the other", || {
        ends_everywhere(here, there);
        ends_everywhere(there, here);
    });
    scene.step("either command with either server", || {
        use_command(&earlier.command, there, scratch);
        use_command(&this.command, here, scratch);
    });

    scene.step("the first is stopped", || first.stop());
    if versions.differ() {
        scene.step("an earlier one that is started again is refused", || {
            let complaint = refused(&earlier.server, &store);
            assert!(complaint.contains("newer"), "{complaint}");
        });
    }
    scene.step("the first is replaced", || first.start_again_as(&this.server, &store));
    scene.step("the second is killed and replaced", || {
        second.kill();
        second.start_again_as(&this.server, &store);
    });
    drop(third);
    scene.step("only new ones are left", || old.repeat(second.address(), session));
    Some((scene.end(first.address()), versions))
}

/// Begins a session at one server, uses it at the other, and ends it there.
fn ends_everywhere(here: &str, there: &str) {
    let begun = sign_in(here);
    let same = Connection::open(there).unwrap().resume(begun.id());
    same.accounts.whoami().unwrap();
    same.accounts.logout().unwrap();
    let refused = begun.accounts.whoami().unwrap_err();
    assert!(matches!(&refused, Error::Refused(why) if why.status == Status::UNAUTHENTICATED), "{refused:?}");
}
