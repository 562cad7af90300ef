//! The `grades` command: arguments in, one call or a few, a table or JSON or CSV out, and an exit code that scripts can
//! rely on. In reading order: what may be said, what is done with it, how results and failures are shown.
#![forbid(unsafe_code)]

use std::process::ExitCode;

use clap::Parser as _;

mod cli;

mod run;

mod session_file;

mod tls_files;

mod password_input;

mod commands;

mod import;

mod render;

mod failure;

#[cfg(feature = "demo")]
mod demo;

fn main() -> ExitCode {
    match run::run(cli::Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}
