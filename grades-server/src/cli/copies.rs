//! What is done with a store as a whole, mostly while it is served: copy it, make one of a copy, read it to its end, and
//! hand out what it holds about one student.

use std::{
    io::{self, Write as _},
    path::PathBuf,
};

use clap::Args;

use super::{CliError, Place, say};
use crate::{SystemClock, back_up, check, export, restore};

#[derive(Debug, Args)]
pub(super) struct Backup {
    #[command(flatten)]
    place: Place,
    /// The new file; it holds hashes of passwords, and is readable by its owner only.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct Restore {
    #[command(flatten)]
    place: Place,
    /// The copy.
    #[arg(value_name = "FILE")]
    file: PathBuf,
}

#[derive(Debug, Args)]
pub(super) struct Check {
    #[command(flatten)]
    place: Place,
}

#[derive(Debug, Args)]
pub(super) struct Export {
    #[command(flatten)]
    place: Place,
    /// The name of the promotion.
    #[arg(value_name = "PROMOTION")]
    promotion: String,
    /// The number of the student.
    #[arg(value_name = "NUMBER")]
    number: String,
}

impl Backup {
    pub(super) fn execute(self) -> Result<(), CliError> {
        let copied = back_up(&self.place.address()?, &self.file)?;
        say(&format!("{} {copied}\n", self.file.display()));
        Ok(())
    }
}

impl Restore {
    pub(super) fn execute(self) -> Result<(), CliError> {
        let address = self.place.address()?;
        let contents = restore(&address, &self.file, &SystemClock)?;
        say(&format!("{address} holds {contents}; everyone has to sign in anew\n"));
        Ok(())
    }
}

impl Check {
    pub(super) fn execute(self) -> Result<(), CliError> {
        let address = self.place.address()?;
        let contents = check(address.clone())?;
        say(&format!("{address} is good: {contents}\n"));
        Ok(())
    }
}

impl Export {
    pub(super) fn execute(self) -> Result<(), CliError> {
        let text = export(self.place.address()?, &self.promotion, &self.number)?;
        // What is printed is what was asked for, and not word of it: half of it is nothing.
        let mut out = io::stdout().lock();
        out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(CliError::Output)
    }
}
