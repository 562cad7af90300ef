//! What need not be kept any more goes: answers to request keys after their window, sessions that have ended, and, if the
//! operator says how long it has to be kept, the audit. Now and then, in small changes, so that nobody waits for it; and here
//! only: changes that forgot a few rows each would all meet at the oldest, and lose to each other where they run side by side.

use std::{
    sync::mpsc::{self, RecvTimeoutError, Sender, TryRecvError},
    thread::{self, JoinHandle},
    time::Duration,
};

use crate::{
    clock::UnixMs,
    request_key,
    state::State,
    store::{AuditEntry, StoreError, Tx},
};

/// Between two looks. Long beside a change, and short beside the day by which anything is kept.
const PAUSE: Duration = Duration::from_secs(60 * 60);

/// Rows deleted in one change: some milliseconds of the writer's time.
const ROWS_AT_ONCE: u32 = 500;

/// A thread that forgets. It ends when this is dropped.
#[derive(Debug)]
pub(crate) struct Retention {
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Retention {
    /// Looks at once, and then every hour. Whoever drops it waits for one change at most.
    ///
    /// # Errors
    /// The operating system gives no thread.
    pub(crate) fn start(state: std::sync::Arc<State>, audit_kept: Option<Duration>) -> std::io::Result<Self> {
        let (stop, stopped) = mpsc::channel();
        let thread = thread::Builder::new().name("retention".to_owned()).spawn(move || {
            loop {
                let is_stopped = || stopped.try_recv() != Err(TryRecvError::Empty);
                match forget(&state, audit_kept, &is_stopped) {
                    Ok(0) => {}
                    Ok(rows) => tracing::info!(rows, "what need not be kept any more was deleted"),
                    // It is tried again in an hour; nothing depends on it.
                    Err(error) => tracing::warn!(%error, "what need not be kept any more could not be deleted"),
                }
                if stopped.recv_timeout(PAUSE) != Err(RecvTimeoutError::Timeout) {
                    return;
                }
            }
        })?;
        Ok(Self { stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Retention {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            drop(thread.join()); // a panic in it was logged, and ends nothing else
        }
    }
}

/// Deletes what is too old, change by change until it is stopped: how many rows.
pub(crate) fn forget(
    state: &State,
    audit_kept: Option<Duration>,
    is_stopped: &dyn Fn() -> bool,
) -> Result<u64, StoreError> {
    let now = state.clock.now();
    let answers = now.minus(request_key::KEPT_FOR);
    let mut rows = until_none_is_left(state, is_stopped, move |tx| tx.prune_answers(answers, ROWS_AT_ONCE))?;
    rows = rows.saturating_add(until_none_is_left(state, is_stopped, move |tx| tx.prune_sessions(now, ROWS_AT_ONCE))?);
    if let Some(kept) = audit_kept {
        let before = now.minus(kept);
        rows = rows.saturating_add(until_none_is_left(state, is_stopped, move |tx| prune_audit(tx, now, before))?);
    }
    Ok(rows)
}

/// The audit says of itself what is gone.
fn prune_audit(tx: &mut dyn Tx, now: UnixMs, before: UnixMs) -> Result<u64, StoreError> {
    let rows = tx.prune_audit(before, ROWS_AT_ONCE)?;
    if rows > 0 {
        let detail = format!("{rows} lines of before {} ms", before.0);
        tx.audit(&AuditEntry { actor: "retention", ..AuditEntry::at_console(now, "prune_audit", "audit", &detail) })?;
    }
    Ok(rows)
}

fn until_none_is_left(
    state: &State,
    is_stopped: &dyn Fn() -> bool,
    prune: impl Fn(&mut dyn Tx) -> Result<u64, StoreError> + Clone + Send + 'static,
) -> Result<u64, StoreError> {
    let mut all = 0_u64;
    while !is_stopped() {
        let rows = state.store.write(None, prune.clone())?;
        all = all.saturating_add(rows);
        if rows < u64::from(ROWS_AT_ONCE) {
            break;
        }
    }
    Ok(all)
}
