//! What keeps a suite that hangs from hanging the run: it is given up, and the processes that it started are ended.

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    process::Command,
    sync::mpsc,
    thread,
    time::Duration,
};

/// What became of a suite.
pub(crate) enum Guarded<T> {
    Ended(T),
    /// With what it said.
    Panicked(String),
    Hung,
}

/// Runs something on a thread of its own, for at most so long.
pub(crate) fn run<T: Send + 'static>(time: Duration, what: impl FnOnce() -> T + Send + 'static) -> Guarded<T> {
    let (send, receive) = mpsc::channel();
    thread::spawn(move || {
        // `AssertUnwindSafe`: what it may leave half done goes with it.
        drop(send.send(catch_unwind(AssertUnwindSafe(what))));
    });
    match receive.recv_timeout(time) {
        Ok(Ok(value)) => Guarded::Ended(value),
        Ok(Err(panic)) => {
            let text = panic.downcast_ref::<String>().map(String::as_str);
            let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
            Guarded::Panicked(text.unwrap_or("a panic without words").to_owned())
        }
        Err(_) => Guarded::Hung,
    }
}

/// Kills the processes that this one has started and that are still there: those of a suite that hung.
pub(crate) fn end_children() {
    for task in fs::read_dir("/proc/self/task").into_iter().flatten().flatten() {
        let children = fs::read_to_string(task.path().join("children")).unwrap_or_default();
        for pid in children.split_whitespace() {
            // Fails only if it has ended meanwhile.
            drop(Command::new("kill").args(["-KILL", pid]).status());
        }
    }
}
