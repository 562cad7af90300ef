//! A server process that the system gives less than it could use: what a machine that runs short does to it, without the rest
//! of the machine running short.

use std::{
    fs,
    os::unix::{
        fs::{MetadataExt, chown},
        process::CommandExt,
    },
    path::Path,
    process::Command,
};

use crate::binary;

/// What a server process has to do with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Shortage {
    /// What this process has.
    #[default]
    None,
    /// So many file descriptors.
    Descriptors(u32),
    /// So many threads. The system counts those of a user, and never for root: the server runs as a user of its own, which
    /// takes root.
    Threads(u32),
}

/// No system gives this number to anybody: its threads are the server's alone.
const USER: u32 = 54_321;

impl Shortage {
    /// Whether this process may bring it about.
    #[must_use]
    pub fn can_be_had(self) -> bool {
        let is_root = fs::metadata("/proc/self").is_ok_and(|this| this.uid() == 0);
        is_root || !matches!(self, Self::Threads(_))
    }

    /// The server as a command, to be given its arguments; everything that it needs lies in `scratch`.
    pub(crate) fn command(self, scratch: &Path) -> Command {
        // Through the shell, whose `exec` makes the server the very process that was started.
        let limited = |ulimit: String| {
            let mut command = Command::new("/bin/sh");
            command.env_clear().arg("-c").arg(format!("{ulimit} && exec \"$0\" \"$@\""));
            command
        };
        match self {
            Self::None => {
                let mut command = Command::new(binary("grades-server"));
                command.env_clear();
                command
            }
            Self::Descriptors(count) => {
                let mut command = limited(format!("ulimit -n {count}"));
                command.arg(binary("grades-server"));
                command
            }
            Self::Threads(count) => {
                // The build may lie where only its owner looks.
                let program = scratch.join("grades-server");
                if !program.exists() {
                    fs::copy(binary("grades-server"), &program).expect("a copy of the server");
                }
                give_away(scratch);
                // One letter in bash, another in dash.
                let mut command = limited(format!("{{ ulimit -u {count} 2>/dev/null || ulimit -p {count}; }}"));
                command.uid(USER).gid(USER).arg(program);
                command
            }
        }
    }
}

/// Makes everything in a folder the other user's.
fn give_away(folder: &Path) {
    chown(folder, Some(USER), Some(USER)).expect("root gives away what it likes");
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path()) {
        if entry.is_dir() {
            give_away(&entry);
        } else {
            chown(&entry, Some(USER), Some(USER)).expect("root gives away what it likes");
        }
    }
}
