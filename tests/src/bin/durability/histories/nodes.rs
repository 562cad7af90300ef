//! Three servers on one PostgreSQL database, which are killed and whose connections to it are cut, under clients that go from one to
//! another; and databases that keep marks wrongly, each in its way, which the clients' histories must show.

use std::{
    net::SocketAddr,
    thread,
    time::{Duration, Instant},
};

use grades_api::model::SessionId;
use grades_client::Connection;
use rpc_core::{
    CallOptions, Channel,
    transport::{Deadline, TcpTransport, Waiting},
};
use tempfile::TempDir;
use tests::{Database, Node, Random};

use super::{CALLS, CLIENTS, breaking, clients::Crowd, judge, remote, remote::Way};
use crate::{
    load::ONE_ATTEMPT,
    local,
    suite::{Control, Row},
};

/// Of three, two are left while one is down.
const NODES: usize = 3;

/// Students, each with a history, in the short form, in the long one, and in a control.
const STUDENTS: (usize, usize) = (10, 100);
const CONTROL_STUDENTS: usize = 5;

/// A fault comes so long after the last one is over: a change takes some milliseconds.
const CALM_MS: (u64, u64) = (20, 200);

/// One fault in so many cuts all connections to the database; the others kill a server.
const CUTS_ONE_IN: u64 = 2;

/// What a connection that swallows bytes costs its caller. A change takes longer than on a directory, above all when another
/// server has to find out that the one that began it is dead.
const SOON: Duration = Duration::from_millis(500);

/// Runs of the control without keys: a fault has to meet a change between its commit and its reply.
const CONTROL_RUNS_MAX: usize = 20;

/// A database that does not do what it is told: SQL that makes it so, and SQL that ends that.
struct Flaw {
    name: &'static str,
    begin: &'static str,
    end: &'static str,
}

const FLAWS: [Flaw; 3] = [
    Flaw {
        name: "histories: a database that forgets",
        begin: "CREATE FUNCTION flaw() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    IF random() < 0.125 THEN DELETE FROM mark WHERE id = NEW.id; END IF; RETURN NULL; END $$;
                CREATE TRIGGER flaw AFTER INSERT ON mark FOR EACH ROW EXECUTE FUNCTION flaw()",
        end: "DROP FUNCTION flaw CASCADE",
    },
    Flaw {
        name: "histories: a database that adds twice",
        begin: "CREATE FUNCTION flaw() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    IF pg_trigger_depth() = 1 AND random() < 0.125 THEN
                        INSERT INTO mark (student, label, code, ten_thousandths, scale, coefficient, created_ms) VALUES
                        (NEW.student, NEW.label, NEW.code, NEW.ten_thousandths, NEW.scale, NEW.coefficient, NEW.created_ms);
                    END IF; RETURN NULL; END $$;
                CREATE TRIGGER flaw AFTER INSERT ON mark FOR EACH ROW EXECUTE FUNCTION flaw()",
        end: "DROP FUNCTION flaw CASCADE",
    },
    Flaw {
        name: "histories: a database that loses corrections",
        begin: "CREATE FUNCTION flaw() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                    IF random() < 0.125 THEN RETURN OLD; END IF; RETURN NEW; END $$;
                CREATE TRIGGER flaw BEFORE UPDATE ON mark FOR EACH ROW EXECUTE FUNCTION flaw();
                CREATE RULE flaw AS ON INSERT TO mark_history DO INSTEAD NOTHING",
        end: "DROP FUNCTION flaw CASCADE; DROP RULE flaw ON mark_history",
    },
];

/// The histories and the controls; nothing where PostgreSQL is not installed.
pub(super) fn run(long: bool, random: &mut Random) -> Option<(Row, Vec<Control>)> {
    let students = if long { STUDENTS.1 } else { STUDENTS.0 };
    let mut site = Site::start(students)?;
    let row = site.under_faults(students, true, random);
    let mut controls: Vec<Control> = FLAWS.iter().map(|flaw| site.flawed(flaw, random)).collect();
    let mut doubled = || {
        site.renew();
        !site.under_faults(CONTROL_STUDENTS, false, random).faults.is_empty()
    };
    controls.push(Control {
        name: "histories: a new key for each server",
        failed: (0..CONTROL_RUNS_MAX).any(|_| doubled()),
        seen: "marks added twice under faults".to_owned(),
    });
    Some((row, controls))
}

/// The servers, and what they share. What is declared first ends first.
struct Site {
    nodes: Vec<Node>,
    database: Database,
    session: SessionId,
    _folder: TempDir,
}

impl Site {
    fn start(students: usize) -> Option<Self> {
        let database = Database::new()?;
        let folder = tempfile::tempdir().unwrap();
        Node::init(&database.url());
        let start = |number: usize| Node::start(&folder.path().join(number.to_string()), &database.url());
        let nodes: Vec<Node> = (0..NODES).map(start).collect();
        let session = local::fill(&Connection::open(nodes[0].address()).unwrap(), students);
        Some(Self { nodes, database, session, _folder: folder })
    }

    /// The same with no marks, and nothing under way that would still make one.
    fn renew(&mut self) {
        self.nodes.iter_mut().for_each(Node::kill);
        self.database.cut_connections();
        self.database.sql("DELETE FROM mark");
        self.nodes.iter_mut().for_each(Node::start_again);
    }

    /// Half of the clients have one channel with all addresses, the others connections to any server that break.
    fn crowd(&self, students: usize, keeps_its_key: bool, random: &mut Random) -> Crowd {
        let addresses: Vec<String> = self.nodes.iter().map(|node| node.address().to_owned()).collect();
        let remotes = (0..CLIENTS).map(|client| {
            let mut mine = addresses.clone();
            mine.rotate_left(client % NODES);
            let (reach, patience) = if client % 2 == 0 {
                (Reach::Several(Channel::connect(&mine.join(",")).unwrap()), None)
            } else {
                let addresses = mine.iter().map(|address| address.parse().unwrap()).collect();
                (Reach::Breaking { addresses, random: random.fork(), current: None }, Some(SOON))
            };
            // A channel asks again with the same key, which the control must not.
            let patience = if keeps_its_key { patience } else { Some(ONE_ATTEMPT) };
            let options = patience.map_or_else(CallOptions::new, |patience| CallOptions::new().deadline(patience));
            remote(reach, self.session, options, keeps_its_key, random)
        });
        let remotes = remotes.collect();
        Crowd::start(remotes, students, CALLS, random)
    }

    fn under_faults(&mut self, students: usize, keeps_its_key: bool, random: &mut Random) -> Row {
        let crowd = self.crowd(students, keeps_its_key, random);
        let (mut kills, mut cuts) = (0, 0);
        while !crowd.is_done() {
            // Why a pause: the moment of the fault is what is random.
            thread::sleep(Duration::from_millis(CALM_MS.0 + random.below(CALM_MS.1 - CALM_MS.0)));
            if random.one_in(CUTS_ONE_IN) {
                cuts += self.database.cut_connections() as u64;
            } else {
                let node = &mut self.nodes[random.below(NODES as u64) as usize];
                node.kill();
                node.start_again();
                kills += 1;
            }
        }
        let mut row = Row { name: "the same, three servers on PostgreSQL", kills, ..judge(&crowd.finish()) };
        row.notes.push(format!("{kills} servers killed, {cuts} connections to the database cut"));
        row
    }

    fn flawed(&mut self, flaw: &Flaw, random: &mut Random) -> Control {
        self.renew();
        self.database.sql(flaw.begin);
        let row = judge(&self.crowd(CONTROL_STUDENTS, true, random).finish());
        self.database.sql(flaw.end);
        Control {
            name: flaw.name,
            seen: format!("{} of {} histories are no one story", row.faults.len(), row.histories),
            failed: !row.faults.is_empty(),
        }
    }
}

/// How a client finds a server.
enum Reach {
    /// A channel that knows all of them.
    Several(Channel),
    /// A connection to one of them, which breaks somewhere.
    Breaking { addresses: Vec<SocketAddr>, random: Random, current: Option<Channel> },
}

/// No server can be reached for so long: they are not coming back.
const HANG_GUARD: Duration = Duration::from_secs(60);

impl Way for Reach {
    fn channel(&mut self) -> Channel {
        match self {
            Self::Several(channel) => channel.clone(),
            Self::Breaking { addresses, random, current } => {
                current.get_or_insert_with(|| Channel::over(breaking(any(addresses, random), random))).clone()
            }
        }
    }

    fn failed(&mut self) {
        if let Self::Breaking { current, .. } = self {
            *current = None;
        }
    }
}

/// A connection to one of the servers that is not down.
fn any(addresses: &[SocketAddr], random: &mut Random) -> TcpTransport {
    let by = Instant::now() + HANG_GUARD;
    loop {
        let address = addresses[random.below(addresses.len() as u64) as usize];
        if let Ok(tcp) = TcpTransport::connect(address, Deadline::NEVER, Waiting::Block) {
            return tcp;
        }
        assert!(Instant::now() < by, "no server can be reached");
    }
}
