//! The pool: a bounded number of connections, opened as they are needed, replaced when they are lost. A thread that finds
//! none waits for its turn, and no longer than its call may take.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use parking_lot::{Condvar, Mutex};

use super::{clock::Ahead, error::Chain, open, target::Target, tx::Connection};
use crate::{
    clock::{Clock, UnixMs},
    store::StoreError,
};

/// Connections of one server. Five servers stay below PostgreSQL's usual 100, and 16 changes at once keep its disk busy:
/// those that wait together share an fsync there.
const CONNECTIONS_MAX: u32 = 16;

/// Threads that may wait for one of them. More would only wait for their deadlines.
const WAITING_MAX: u32 = 256;

/// Between two tries to reach a database that can't be reached. Short beside the seconds that a restart takes.
const RETRY_PAUSE: Duration = Duration::from_millis(100);

#[derive(Debug)]
pub(super) struct Pool {
    target: Target,
    state: Mutex<State>,
    /// Told when a connection is idle again, or one more may be opened.
    freed: Condvar,
    ahead: Ahead,
}

/// What the pool's lock protects.
#[derive(Debug)]
struct State {
    idle: Vec<Connection>,
    /// Connections that are idle, taken, or being opened.
    open: u32,
    waiting: u32,
    /// Whether the last try to reach the database failed: said when it begins and when it ends, not at each try.
    unreachable: bool,
}

/// A connection, for as long as one thread needs it. It goes back to the pool only if it is said to be sound: one that is
/// dropped in a panic, or after an error, may be in the middle of anything.
#[derive(Debug)]
pub(super) struct Taken<'p> {
    pool: &'p Pool,
    connection: Option<Connection>,
    sound: bool,
}

impl Pool {
    pub(super) fn new(target: Target, first: Connection) -> Self {
        let state = State { idle: vec![first], open: 1, waiting: 0, unreachable: false };
        Self { target, state: Mutex::new(state), freed: Condvar::new(), ahead: Ahead::default() }
    }

    pub(super) fn clock(&self, local: Arc<dyn Clock>) -> Arc<dyn Clock> {
        self.ahead.clock(local)
    }

    /// A connection; a new one if none is idle. A database that can't be reached is tried again until `until`.
    pub(super) fn take(&self, until: Instant) -> Result<Taken<'_>, StoreError> {
        loop {
            if let Some(connection) = self.idle_or_permit(until)? {
                return Ok(Taken { pool: self, connection: Some(connection), sound: false });
            }
            // From here on the permit is given back when this is dropped.
            let mut taken = Taken { pool: self, connection: None, sound: false };
            match open::connect(&self.target) {
                Ok(connection) => {
                    taken.connection = Some(connection);
                    if self.note(false) {
                        tracing::info!("the database can be reached again");
                    }
                    return Ok(taken);
                }
                Err(error) => {
                    drop(taken);
                    if self.note(true) {
                        tracing::warn!(cause = %Chain(&error), "the database can't be reached; trying again");
                    }
                    let again = Instant::now().checked_add(RETRY_PAUSE).filter(|again| *again < until);
                    if again.is_none() {
                        return Err(StoreError::Unavailable);
                    }
                    std::thread::sleep(RETRY_PAUSE);
                }
            }
        }
    }

    /// Notes whether the database could be reached: whether that is news.
    fn note(&self, unreachable: bool) -> bool {
        std::mem::replace(&mut self.state.lock().unreachable, unreachable) != unreachable
    }

    /// An idle connection, or `None`: then the caller may open one.
    fn idle_or_permit(&self, until: Instant) -> Result<Option<Connection>, StoreError> {
        let mut state = self.state.lock();
        if state.idle.is_empty() && state.open >= CONNECTIONS_MAX && state.waiting >= WAITING_MAX {
            return Err(StoreError::Overloaded);
        }
        state.waiting = state.waiting.saturating_add(1);
        let found = loop {
            if let Some(connection) = state.idle.pop() {
                break Ok(Some(connection));
            }
            if state.open < CONNECTIONS_MAX {
                state.open = state.open.saturating_add(1);
                break Ok(None);
            }
            if self.freed.wait_until(&mut state, until).timed_out() && state.idle.is_empty() {
                break Err(StoreError::Overloaded);
            }
        };
        state.waiting = state.waiting.saturating_sub(1);
        found
    }
}

impl Taken<'_> {
    /// The connection.
    pub(super) fn connection(&mut self) -> Result<&mut Connection, StoreError> {
        self.connection.as_mut().ok_or(StoreError::Failed)
    }

    /// Takes what the database has just said the time is.
    pub(super) fn told(&self, time: UnixMs) {
        self.pool.ahead.measure(time);
    }

    /// Gives the connection back for others to use: it is in no transaction.
    pub(super) fn give_back(mut self) {
        self.sound = true;
    }
}

impl Drop for Taken<'_> {
    fn drop(&mut self) {
        let sound = self.connection.take().filter(|_| self.sound);
        // A connection that is not sound was closed by now: not under the lock, as it says goodbye to the database.
        let mut state = self.pool.state.lock();
        match sound {
            Some(connection) => state.idle.push(connection),
            None => state.open = state.open.saturating_sub(1), // another may be opened in its place
        }
        drop(state);
        self.pool.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;
    use crate::store::{StoreAddress, tests::database::Database};

    #[test]
    fn no_more_connections_are_opened_and_no_more_threads_wait_than_the_bounds_say() {
        let Some(database) = Database::new() else { return };
        let Ok(StoreAddress::Postgres(url)) = database.url().parse() else { panic!("no URL") };
        let target = Target::of(&url).unwrap();
        let first = open::connect(&target).unwrap();
        let pool = Pool::new(target, first);
        let later = Instant::now().checked_add(Duration::from_secs(30)).unwrap();

        let taken: Vec<_> = (0..CONNECTIONS_MAX).map(|_| pool.take(later).unwrap()).collect();
        assert_eq!(pool.take(Instant::now()).unwrap_err(), StoreError::Overloaded);
        thread::scope(|scope| {
            let wait = || scope.spawn(|| pool.take(later).map(Taken::give_back));
            let waiting: Vec<_> = (0..WAITING_MAX).map(|_| wait()).collect();
            while pool.state.lock().waiting < WAITING_MAX {
                thread::yield_now();
            }
            assert_eq!(pool.take(later).unwrap_err(), StoreError::Overloaded, "one more may not even wait");
            taken.into_iter().for_each(Taken::give_back);
            waiting.into_iter().for_each(|thread| thread.join().unwrap().unwrap());
        });
        let state = pool.state.lock();
        assert_eq!((state.open, state.idle.len(), state.waiting), (CONNECTIONS_MAX, CONNECTIONS_MAX as usize, 0));
    }
}
