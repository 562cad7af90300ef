//! The power fails while a store is made, or brought up from an earlier version: what is left has the tables of one version, and
//! goes on from there to the last one. What `init` has said to be done is.

use std::path::{Path, PathBuf};

use grades_api::model::Password;
use grades_client::Connection;
use grades_server::{InitError, check};
use tempfile::TempDir;
use tests::{
    ADMINISTRATOR, Crashes, Disk, Fate, Files, PASSWORD, Random, Step, Synchronous, check_integrity, files,
    make_store_of_version, schema_version, whole_version,
};

use crate::{
    local::{self, STORE},
    suite::{Control, Row},
};

/// In the short form the power fails at one step in so many, from a random one on; a prime. It always fails after the last one.
const SHORT_STRIDE: usize = 11;

/// The figures, and their controls.
pub(super) fn run(long: bool, random: &mut Random) -> ([Row; 2], [Control; 2]) {
    let lab = Lab::new();
    let stride = if long { 1 } else { SHORT_STRIDE };
    let (mut first, mut later) = (Row::new("power cut in the first start"), Row::new("power cut in a migration"));
    let made = lab.make(None);
    lab.cut(&made, stride, random, &mut first, Lab::make_again);
    for version in 1..schema_version() {
        let brought_up = lab.bring_up(version, None);
        lab.cut(&brought_up, stride, random, &mut later, |lab, is_over| lab.open_again(version, is_over));
    }
    later.notes.push(format!("from each of {} earlier versions", schema_version() - 1));
    let off = Some(Synchronous::Off);
    let first_off = "power: the first start, synchronous = OFF";
    let later_off = "power: a migration, synchronous = OFF";
    let controls = [
        lab.control(first_off, &lab.make(off), random, Lab::make_again),
        lab.control(later_off, &lab.bring_up(1, off), random, |lab, is_over| lab.open_again(1, is_over)),
    ];
    ([first, later], controls)
}

/// What was done to a disk.
struct Story {
    start: Files,
    steps: Vec<Step>,
}

/// What became of an end.
enum End {
    Good,
    /// What was said to be done is not.
    Lost,
}

/// Where stores are made, and their ends looked at.
struct Lab {
    directory: PathBuf,
    _scratch: TempDir,
}

impl Lab {
    fn new() -> Self {
        let scratch = tempfile::tempdir().unwrap();
        let directory = scratch.path().canonicalize().unwrap().join("store");
        Self { directory, _scratch: scratch }
    }

    /// Makes a store. Its file has its name on the disk before SQLite sees it.
    fn make(&self, synchronous: Option<Synchronous>) -> Story {
        self.tell(Files::from([(STORE.to_owned(), Vec::new())]), synchronous, |directory| {
            local::init_store(directory).unwrap();
        })
    }

    /// Opens a store of an earlier version.
    fn bring_up(&self, version: usize, synchronous: Option<Synchronous>) -> Story {
        local::put(&Files::new(), &self.directory);
        make_store_of_version(&self.directory.join(STORE), version);
        self.tell(files(&self.directory), synchronous, |directory| {
            local::stop(local::serve(directory).unwrap(), directory);
        })
    }

    fn tell(&self, start: Files, synchronous: Option<Synchronous>, act: impl FnOnce(&Path)) -> Story {
        local::put(&start, &self.directory);
        let disk = Disk::install();
        disk.watch(&self.directory);
        disk.weaken(synchronous);
        disk.record();
        act(&self.directory);
        let steps = disk.recorded();
        disk.weaken(None);
        Story { start, steps }
    }

    /// Lets the power fail before one step in `stride`, and after the last one.
    fn cut(
        &self,
        story: &Story,
        stride: usize,
        random: &mut Random,
        row: &mut Row,
        look: impl Fn(&Self, bool) -> Result<End, String>,
    ) {
        let disk = Disk::install();
        disk.watch(&self.directory);
        disk.pretend_to_sync(true); // nobody crashes what is left once more
        let first = random.below(stride as u64) as usize;
        let mut disk = Crashes::of(story.start.clone());
        for (number, step) in story.steps.iter().map(Some).chain([None]).enumerate() {
            if number % stride == first || step.is_none() {
                for fate in Fate::ALL {
                    row.crash_points += 1;
                    local::put(&disk.crash(fate, random), &self.directory);
                    match look(self, step.is_none()) {
                        Ok(End::Good) => {}
                        Ok(End::Lost) => row.lost += 1,
                        Err(fault) => row.faults.push(format!("{fate:?}, step {number}: {fault}")),
                    }
                }
            }
            step.into_iter().for_each(|step| disk.step(step));
        }
    }

    /// Lets the power fail at some step of what was done with the protection off, and after the last one.
    fn control(
        &self,
        name: &'static str,
        story: &Story,
        random: &mut Random,
        look: impl Fn(&Self, bool) -> Result<End, String>,
    ) -> Control {
        let mut row = Row::new(name);
        self.cut(story, story.steps.len(), random, &mut row, look);
        Control {
            name,
            seen: format!("{} of {} ends not as they must", row.lost + row.faults.len() as u64, row.crash_points),
            failed: !row.is_good(),
        }
    }

    /// Makes the store that may have been made already, and signs in.
    fn make_again(&self, is_over: bool) -> Result<End, String> {
        whole_version(&self.directory.join(STORE)).and_then(whole)?;
        let made = local::init_store(self.directory.as_path());
        match &made {
            Ok(()) | Err(InitError::HasAdministrator) => {}
            Err(error) => return Err(format!("it can't be made: {error}")),
        }
        self.serve(|connection| connection.login(ADMINISTRATOR, &Password::new(PASSWORD)).map(drop).map_err(text))?;
        Ok(if is_over && made.is_ok() { End::Lost } else { End::Good })
    }

    /// Opens the store that may have been brought up already; its account is there.
    fn open_again(&self, before: usize, is_over: bool) -> Result<End, String> {
        let version = whole_version(&self.directory.join(STORE)).and_then(whole)?;
        if version < before {
            return Err(format!("version {before} has become {version}"));
        }
        self.serve(|_| Ok(()))?;
        let contents = check(self.directory.clone()).map_err(text)?;
        if contents.accounts != 1 {
            return Err(format!("{} accounts are left", contents.accounts));
        }
        Ok(if is_over && version < schema_version() { End::Lost } else { End::Good })
    }

    fn serve(&self, ask: impl FnOnce(Connection) -> Result<(), String>) -> Result<(), String> {
        let server = local::serve(self.directory.as_path()).map_err(text)?;
        let asked = ask(Connection::over(local::channel(&server)));
        local::stop(server, &self.directory);
        asked?;
        let file = self.directory.join(STORE);
        check_integrity(&file)?;
        let version = whole_version(&file).and_then(whole)?;
        if version == schema_version() { Ok(()) } else { Err(format!("it is served at version {version}")) }
    }
}

fn whole((version, is_whole): (usize, bool)) -> Result<usize, String> {
    if is_whole { Ok(version) } else { Err(format!("the tables are not those of version {version}")) }
}

fn text(error: impl std::fmt::Display) -> String {
    error.to_string()
}
