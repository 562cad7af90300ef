//! `grades-server`: arguments, log, signals, exit code.

use std::{
    error::Error,
    io::{self, IsTerminal as _, Write as _},
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use clap::Parser as _;
use grades_server::{Cli, Serving};
use signal_hook::{
    consts::{SIGINT, SIGTERM},
    flag,
    iterator::Signals,
};

/// A second signal means now.
const STOPPED_AT_ONCE: i32 = 1;

fn main() -> ExitCode {
    let cli = Cli::parse(); // ends with 2 where the arguments are wrong
    tracing_subscriber::fmt()
        .with_max_level(cli.log_level())
        .with_writer(io::stderr)
        .with_ansi(io::stderr().is_terminal())
        .with_target(false)
        // Why: a log that can't be written (a closed pipe, a full disk) would otherwise be reported by a panic, in the
        // thread that logs: the writer's, the acceptor's.
        .log_internal_errors(false)
        .init();
    match cli.execute().map_err(Into::into).and_then(|serving| serving.map_or(Ok(()), serve)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            report(error.as_ref());
            ExitCode::FAILURE
        }
    }
}

/// Waits for a signal, then ends in order.
fn serve(serving: Serving) -> Result<(), Box<dyn Error>> {
    let second = Arc::new(AtomicBool::new(false));
    for signal in [SIGTERM, SIGINT] {
        flag::register_conditional_shutdown(signal, STOPPED_AT_ONCE, Arc::clone(&second))?;
    }
    let mut signals = Signals::new([SIGTERM, SIGINT])?;
    signals.forever().next();
    second.store(true, Ordering::SeqCst);
    tracing::info!("draining; another signal stops at once");
    serving.end();
    Ok(())
}

/// Says what went wrong. Where nobody reads it, the exit code does.
fn report(error: &dyn Error) {
    let mut text = format!("error: {error}\n");
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(&format!("  because: {cause}\n"));
        source = cause.source();
    }
    drop(io::stderr().write_all(text.as_bytes()));
}
