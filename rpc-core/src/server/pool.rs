//! The bounded pool that runs slow methods, so that they hold up neither their connection nor the machine. A call waits
//! in a bounded queue for a bounded time; a call that runs owns its thread until it ends, even if its peer has gone.

use std::{
    collections::VecDeque,
    fmt,
    num::NonZero,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use parking_lot::{Condvar, Mutex};

use super::reply::contained;
use crate::{Limits, Refusal, Status, transport::Deadline};

/// Something that a thread of the pool can do, or that is told why it is not done.
pub(crate) trait Job: Send {
    /// Does it. A panic costs its own job alone.
    fn run(self: Box<Self>);

    /// Says why it is not done.
    fn refuse(self: Box<Self>, refusal: Refusal);
}

/// A handle to the pool.
#[derive(Debug)]
pub(crate) struct Pool {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    state: Mutex<State>,
    /// Rung for one thread that waits for a job.
    job: Condvar,
    /// Rung for the thread that refuses who has waited too long.
    waiting: Condvar,
    threads_max: usize,
    queue_max: usize,
    wait: Duration,
}

#[derive(Default)]
struct State {
    /// Oldest first, so that who has waited too long stands at the front.
    queue: VecDeque<Waiting>,
    /// Threads that wait for a job. Each will take one of the queue.
    idle: usize,
    threads: usize,
    watched: bool,
    closed: bool,
}

struct Waiting {
    job: Box<dyn Job>,
    until: Instant,
}

impl Pool {
    pub(crate) fn new(limits: &Limits) -> Self {
        let half = || thread::available_parallelism().map_or(1, NonZero::get).div_euclid(2).max(1);
        let threads_max = if limits.slow_threads() == 0 { half() } else { limits.slow_threads() };
        Self {
            shared: Arc::new(Shared {
                state: Mutex::new(State::default()),
                job: Condvar::new(),
                waiting: Condvar::new(),
                threads_max,
                queue_max: limits.slow_queue_max(),
                wait: limits.slow_wait(),
            }),
        }
    }

    /// Hands a job over. It is run, or refused: at once if the queue is full, later if no thread takes it in time.
    pub(crate) fn submit(&self, job: Box<dyn Job>) {
        if let Err((job, refusal)) = self.shared.enqueue(job) {
            contained(|| job.refuse(refusal));
        }
    }

    /// Refuses everything that waits, and lets the threads end with what they run.
    pub(crate) fn close(&self) {
        let queue = {
            let mut state = self.shared.state.lock();
            state.closed = true;
            std::mem::take(&mut state.queue)
        };
        self.shared.job.notify_all();
        self.shared.waiting.notify_all();
        for Waiting { job, .. } in queue {
            contained(|| job.refuse(Refusal::new(Status::DRAINING)));
        }
    }
}

impl Drop for Pool {
    fn drop(&mut self) {
        self.close();
    }
}

impl Shared {
    fn enqueue(self: &Arc<Self>, job: Box<dyn Job>) -> Result<(), (Box<dyn Job>, Refusal)> {
        let mut state = self.state.lock();
        if state.closed {
            return Err((job, Refusal::new(Status::DRAINING)));
        }
        if state.idle <= state.queue.len() && state.threads < self.threads_max {
            self.grow(&mut state);
        }
        if state.threads == 0 || state.queue.len() >= self.queue_max.saturating_add(state.idle) {
            return Err((job, self.overloaded()));
        }
        let until = Instant::now().checked_add(self.wait).unwrap_or_else(Instant::now);
        state.queue.push_back(Waiting { job, until });
        drop(state);
        self.job.notify_one();
        self.waiting.notify_one();
        Ok(())
    }

    /// Why a job that waits, or would have to, is not done: after this long, whatever waits now waits no more.
    fn overloaded(&self) -> Refusal {
        Refusal { retry_after: Some(self.wait), ..Refusal::new(Status::OVERLOADED) }
    }

    /// Starts a thread, and the one that watches the queue. Without a watcher there are no threads: a job that waits
    /// must always have an end.
    fn grow(self: &Arc<Self>, state: &mut State) {
        if !state.watched {
            let shared = Arc::clone(self);
            state.watched = thread::Builder::new().name("rpc-slow-queue".into()).spawn(move || shared.watch()).is_ok();
        }
        let shared = Arc::clone(self);
        let name = format!("rpc-slow-{}", state.threads);
        if state.watched && thread::Builder::new().name(name).spawn(move || shared.work()).is_ok() {
            state.threads = state.threads.saturating_add(1);
            // It counts as idle from now on, so that the job which called for it finds room.
            state.idle = state.idle.saturating_add(1);
        }
    }

    fn work(&self) {
        let mut state = self.state.lock();
        loop {
            if let Some(Waiting { job, .. }) = state.queue.pop_front() {
                state.idle = state.idle.saturating_sub(1);
                drop(state);
                contained(|| job.run());
                state = self.state.lock();
                state.idle = state.idle.saturating_add(1);
            } else if state.closed {
                return;
            } else {
                self.job.wait(&mut state);
            }
        }
    }

    /// Refuses jobs at the moment that they have waited too long.
    fn watch(&self) {
        let mut state = self.state.lock();
        while !state.closed {
            let Some(until) = state.queue.front().map(|waiting| waiting.until) else {
                self.waiting.wait(&mut state);
                continue;
            };
            if until > Instant::now() {
                Deadline::at(until).wait(&self.waiting, &mut state);
            } else if let Some(Waiting { job, .. }) = state.queue.pop_front() {
                drop(state);
                contained(|| job.refuse(self.overloaded()));
                state = self.state.lock();
            }
        }
    }
}

impl fmt::Debug for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("State").field("waiting", &self.queue.len()).field("idle", &self.idle).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::{Receiver, Sender, channel};

    use super::*;

    /// Runs until its gate is dropped; tells what became of it.
    struct Gated {
        number: u32,
        gate: Receiver<()>,
        told: Sender<(u32, Option<Status>)>,
    }

    impl Job for Gated {
        fn run(self: Box<Self>) {
            let _closed = self.gate.recv();
            self.told.send((self.number, None)).unwrap();
        }

        fn refuse(self: Box<Self>, refusal: Refusal) {
            self.told.send((self.number, Some(refusal.status))).unwrap();
        }
    }

    struct Bench {
        pool: Pool,
        told: Sender<(u32, Option<Status>)>,
        ended: Receiver<(u32, Option<Status>)>,
    }

    impl Bench {
        fn new(threads: usize, queue: usize, wait: Duration) -> Self {
            let limits = Limits::new().with_slow_threads(threads).unwrap().with_slow_queue_max(queue).unwrap();
            let (told, ended) = channel();
            Self { pool: Pool::new(&limits.with_slow_wait(wait).unwrap()), told, ended }
        }

        /// Submits a job; it ends when what is returned is dropped.
        fn submit(&self, number: u32) -> Sender<()> {
            let (open, gate) = channel();
            self.pool.submit(Box::new(Gated { number, gate, told: self.told.clone() }));
            open
        }
    }

    struct Broken;

    impl Job for Broken {
        fn run(self: Box<Self>) {
            panic!("as it was made to")
        }

        fn refuse(self: Box<Self>, _: Refusal) {
            panic!("as it was made to")
        }
    }

    const LONG: Duration = Duration::from_secs(30);

    #[test]
    fn a_job_that_panics_costs_no_thread() {
        let bench = Bench::new(1, 8, LONG);
        for number in 0..3 {
            bench.pool.submit(Box::new(Broken));
            drop(bench.submit(number));
            assert_eq!(bench.ended.recv().unwrap(), (number, None));
        }
    }

    #[test]
    fn a_job_that_panics_when_it_is_refused_leaves_the_others_their_refusal() {
        let bench = Bench::new(1, 8, LONG);
        let busy = bench.submit(0);
        bench.pool.submit(Box::new(Broken));
        let _waits = bench.submit(1);
        bench.pool.close();
        drop(busy);
        let mut ended = [bench.ended.recv().unwrap(), bench.ended.recv().unwrap()];
        ended.sort_unstable();
        assert_eq!(ended[1], (1, Some(Status::DRAINING)));
    }

    #[test]
    fn the_queue_takes_its_limit_and_refuses_the_next_at_once() {
        for queue in [0, 1, 3] {
            let bench = Bench::new(2, queue, LONG);
            let gates: Vec<_> = (0..2 + queue).map(|number| bench.submit(u32::try_from(number).unwrap())).collect();
            drop(bench.submit(99));
            assert_eq!(bench.ended.recv().unwrap(), (99, Some(Status::OVERLOADED)));
            drop(gates);
            for _ in 0..2 + queue {
                assert_eq!(bench.ended.recv().unwrap().1, None);
            }
        }
    }

    #[test]
    fn who_waits_too_long_is_refused_while_the_threads_are_still_busy() {
        let bench = Bench::new(1, 8, Duration::from_millis(1));
        let busy = bench.submit(0);
        let _waits = bench.submit(1);
        // The first may have waited too long as well, if this machine was slow to start the thread.
        let (number, status) = bench.ended.recv().unwrap();
        assert_eq!(status, Some(Status::OVERLOADED));
        if number == 1 {
            drop(busy);
            assert_eq!(bench.ended.recv().unwrap(), (0, None));
        }
    }

    /// Tells all of its refusal.
    struct Refused(Sender<Refusal>);

    impl Job for Refused {
        fn run(self: Box<Self>) {}

        fn refuse(self: Box<Self>, refusal: Refusal) {
            self.0.send(refusal).unwrap();
        }
    }

    #[test]
    fn who_finds_the_pool_full_is_told_when_to_come_again_and_who_finds_it_closed_is_not() {
        let (tell, told) = channel();
        let bench = Bench::new(1, 0, LONG);
        let busy = bench.submit(0);
        bench.pool.submit(Box::new(Refused(tell.clone())));
        assert_eq!(told.recv(), Ok(Refusal { retry_after: Some(LONG), ..Refusal::new(Status::OVERLOADED) }));
        drop(busy);
        bench.pool.close();
        bench.pool.submit(Box::new(Refused(tell)));
        assert_eq!(told.recv(), Ok(Refusal::new(Status::DRAINING)));
    }

    #[test]
    fn closing_refuses_what_waits_and_lets_finish_what_runs() {
        let bench = Bench::new(1, 8, LONG);
        let busy = bench.submit(0);
        let probe = bench.submit(1);
        drop(probe);
        bench.pool.close();
        drop(bench.submit(2));
        drop(busy);
        let mut ended: Vec<_> = (0..3).map(|_| bench.ended.recv().unwrap()).collect();
        ended.sort_unstable();
        assert_eq!(ended[2], (2, Some(Status::DRAINING)));
        // Job 0 runs unless its thread had not come to it yet; whatever did not run was refused.
        assert!(ended.iter().all(|(_, status)| matches!(status, None | Some(Status::DRAINING))));
    }
}
