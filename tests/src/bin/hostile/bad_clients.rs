//! Clients that break the protocol, over a real socket, before they have signed in and after: each named case, every prefix and
//! every flipped bit of the golden frames, every way to leave at every byte. What each is told is laid down; after each the
//! server answers its neighbours.

use rpc_core::Status;
use tests::{ADMINISTRATOR, PASSWORD, RawFrame, RawPeer, RunningServer, School, footprint};

use crate::{arguments::Terms, report::Report};

mod endings;
mod flips;
mod greetings;
mod named;

pub(crate) const ACCOUNTS: u16 = 0x41;
pub(crate) const GRADES: u16 = 0x47;
pub(crate) const LOGIN: u16 = 1;
pub(crate) const WHOAMI: u16 = 3;
pub(crate) const ADD_MARK: u16 = 5;
pub(crate) const IMPORT: u16 = 12;

/// The call that comes after a case, to see whether the connection still works.
const PROBE: u32 = 0x00c0_ffee;

pub(crate) fn run(_: &Terms) -> Report {
    let mut report = Report::default();
    let mut scene = Scene::open();
    control(&mut scene, &mut report);
    for judge in [greetings::judge, named::judge, flips::judge, endings::judge] {
        judge(&mut scene, &mut report);
    }
    report.memory(footprint::peak_bytes(scene.server().pid()));
    report.look_for_panics(&scene.server().log());
    report
}

/// The negative control: what is expected wrongly is found wrong, whichever way it is wrong.
fn control(scene: &mut Scene, report: &mut Report) {
    let unknown = RawPeer::request(7, ACCOUNTS, 999, None, &[]);
    let broken = RawPeer::header(0, 7, ACCOUNTS, WHOAMI, 9, 0);
    for (bytes, expect) in [
        (&unknown, Expect::Told(Status::OK)),
        (&unknown, Expect::Goodbye),
        (&unknown, Expect::Nothing),
        (&unknown, Expect::ToldAndClosed(Status::UNKNOWN_OPCODE)),
        (&broken, Expect::Typed),
        (&broken, Expect::Nothing),
    ] {
        let mut control = Report::default();
        scene.judge(&mut control, "control", false, bytes, &expect);
        report.check(!control.is_clean(), || format!("{expect:?} was taken for right of {bytes:02x?}"));
    }
}

/// A server with a school, and a client of it that never did anything wrong.
struct Scene {
    school: School,
    bystander: RawPeer,
    session: [u8; 32],
}

/// What a peer must be told.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Expect {
    /// A reply with this status; the connection stays.
    Told(Status),
    /// A reply with some status that is known, and is not that of a failure of the server's own; the connection stays.
    Typed,
    /// A reply with this status, then a goodbye; the connection ends.
    ToldAndClosed(Status),
    /// A goodbye for a broken protocol; the connection ends.
    Goodbye,
    /// A hello with this status; the connection ends.
    Refused(Status),
    /// A reply with this status, although the frame is not all there; the connection ends with it.
    ToldAmidFrame(Status),
    /// No more than what came before it; the connection ends.
    Nothing,
    /// Where a flipped bit makes other frames of the same bytes: typed replies, at most one goodbye; the connection ends.
    Frames,
}

impl Scene {
    fn open() -> Self {
        let school = School::open();
        let mut bystander = RawPeer::greeted(school.server.address());
        let session = bystander.login(ADMINISTRATOR, PASSWORD);
        Self { school, bystander, session }
    }

    fn server(&self) -> &RunningServer {
        &self.school.server
    }

    /// A peer that says `bytes` after its hello, and before that, if it has signed in, makes a call. Then it asks whether the
    /// connection still works, unless the bytes end amid a frame, and ends its direction. What it heard must be as expected.
    fn judge(&mut self, report: &mut Report, name: &str, signed_in: bool, bytes: &[u8], expect: &Expect) {
        let mut peer = RawPeer::connect(self.server().address());
        let mut said = RawPeer::hello();
        if signed_in {
            said.extend(RawPeer::request(1, ACCOUNTS, WHOAMI, Some(&self.session), &[]));
        }
        said.extend(bytes);
        if !matches!(expect, Expect::Nothing | Expect::ToldAmidFrame(_)) {
            said.extend(RawPeer::request(PROBE, ACCOUNTS, WHOAMI, self.credential(signed_in), &[]));
        }
        peer.send(&said);
        peer.finish();
        let heard = peer.hear_out();
        let state = if signed_in { "signed in" } else { "not signed in" };
        report.check(is_as_expected(&heard, signed_in, expect), || {
            format!("{name}, {state}: {expect:?}: {}", told(&heard))
        });
        self.spares_its_neighbour(report, name);
    }

    /// The credential of a peer that has signed in.
    fn credential(&self, signed_in: bool) -> Option<&[u8]> {
        signed_in.then_some(&self.session[..])
    }

    /// A neighbour is answered; whether somebody new gets in is seen by the next case.
    fn spares_its_neighbour(&mut self, report: &mut Report, name: &str) {
        let reply = self.bystander.call(ACCOUNTS, WHOAMI, Some(&self.session), &[]);
        report.check(Status(reply.status) == Status::OK, || format!("a neighbour was disturbed by: {name}"));
    }
}

/// What was heard, in a line.
fn told(heard: &Result<Vec<RawFrame>, String>) -> String {
    let frame =
        |frame: &RawFrame| format!("kind {} of call {} with {}", frame.kind, frame.call_id, Status(frame.status));
    match heard {
        Ok(frames) => format!("{:?}", frames.iter().map(frame).collect::<Vec<_>>()),
        Err(why) => why.clone(),
    }
}

fn is_as_expected(heard: &Result<Vec<RawFrame>, String>, signed_in: bool, expect: &Expect) -> bool {
    let Ok(frames) = heard else { return false };
    let Some((hello, mut rest)) = frames.split_first() else { return false };
    if hello.kind != 1 || hello.status != 0 {
        return false;
    }
    if signed_in {
        let Some((first, after)) = rest.split_first() else { return false };
        if (first.kind, first.call_id, first.status) != (3, 1, 0) {
            return false;
        }
        rest = after;
    }
    let (probes, told): (Vec<&RawFrame>, Vec<&RawFrame>) =
        rest.iter().partition(|frame| frame.kind == 3 && frame.call_id == PROBE);
    let works = if signed_in { Status::OK } else { Status::UNAUTHENTICATED };
    let stays = matches!(probes[..], [probe] if Status(probe.status) == works);
    let reply = |status: Status| move |frame: &&RawFrame| frame.kind == 3 && Status(frame.status) == status;
    let goodbye = |frame: &RawFrame| frame.kind == 4 && Status(frame.status) == Status::PROTOCOL_ERROR;
    match (expect, &told[..]) {
        (Expect::Told(status), [one]) => stays && reply(*status)(one),
        (Expect::Typed, [one]) => stays && is_typed(one),
        (Expect::ToldAndClosed(status), [one, last]) => probes.is_empty() && reply(*status)(one) && goodbye(last),
        (Expect::Goodbye, [last]) => probes.is_empty() && goodbye(last),
        (Expect::ToldAmidFrame(status), [one]) => probes.is_empty() && reply(*status)(one),
        (Expect::Nothing, []) => probes.is_empty(),
        (Expect::Frames, told) => {
            let goodbyes = told.iter().filter(|frame| goodbye(frame)).count();
            goodbyes <= 1 && told.iter().filter(|frame| is_typed(frame)).count() + goodbyes == told.len()
        }
        _ => false,
    }
}

/// A reply with a status that says something of the call.
fn is_typed(frame: &RawFrame) -> bool {
    let status = Status(frame.status);
    frame.kind == 3 && status != Status::INTERNAL && Status::KNOWN.iter().any(|(known, _)| *known == status)
}
