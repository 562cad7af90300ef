//! `init`: the first administrator, with a password that is asked for or read from standard input.

use std::io::{self, BufRead as _, IsTerminal as _, Read as _};

use clap::Args;
use grades_api::model::Password;

use super::{CliError, Place, say};
use crate::{PasswordCost, StoreAddress, SystemClock, init};

#[derive(Debug, Args)]
pub(super) struct Init {
    #[command(flatten)]
    place: Place,
    /// The name of the administrator.
    #[arg(long, value_name = "NAME")]
    admin: String,
    /// Read the password from the first line of standard input instead of asking for it.
    #[arg(long)]
    password_stdin: bool,
}

impl Init {
    pub(super) fn execute(self) -> Result<(), CliError> {
        let address = self.place.address()?;
        let password = if self.password_stdin { password_from_stdin()? } else { password_from_terminal()? };
        init(address.clone(), &self.admin, &password, PasswordCost::STANDARD, &SystemClock)?;
        let serve = match &address {
            StoreAddress::Directory(data) => format!("--data {}", data.display()),
            StoreAddress::Postgres(_) => "--store URL".to_owned(),
        };
        let admin = &self.admin;
        say(&format!(
            "{address} is ready, with the administrator {admin}.\nServe it with: grades-server run {serve}\n"
        ));
        Ok(())
    }
}

/// Longer than any password: what is longer is refused by the rules, not read to its end.
const LINE_BYTES_MAX: u64 = 4_096;

fn password_from_stdin() -> Result<Password, CliError> {
    let mut line = String::new();
    io::stdin().lock().take(LINE_BYTES_MAX).read_line(&mut line).map_err(CliError::Input)?;
    let password = line.strip_suffix('\n').unwrap_or(&line);
    let password = password.strip_suffix('\r').unwrap_or(password);
    if password.is_empty() {
        return Err(CliError::NoPassword("standard input was empty"));
    }
    Ok(Password::new(password))
}

fn password_from_terminal() -> Result<Password, CliError> {
    if !io::stdin().is_terminal() {
        return Err(CliError::NoPassword("standard input is no terminal; use --password-stdin"));
    }
    let ask = |prompt| rpassword::prompt_password(prompt).map_err(CliError::Input);
    let password = ask("Password (15 characters or more): ")?;
    if ask("The same again: ")? != password {
        return Err(CliError::NoPassword("the two were different"));
    }
    Ok(Password::new(password))
}
