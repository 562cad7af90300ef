//! A connection to the database that can be waited for: each question is answered by a point in time or the connection is
//! given up, also where the machine still answers for a database that has stopped. The only file that knows that the driver
//! beneath is asynchronous; each connection has a runtime of its own, which runs only while its thread waits.

use std::{
    future::{Future, poll_fn},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use tokio::{
    runtime::{Builder, Runtime},
    task::JoinHandle,
    time::timeout_at,
};
use tokio_postgres::Socket;
use tokio_postgres::tls::TlsStream;
use tokio_postgres::{
    AsyncMessage, Config, Connection, NoTls, Row, SimpleQueryMessage, Statement, ToStatement, error::Severity,
};

use super::{error::Fault, tls::Tls, tx::Parameter};

/// A goodbye is one packet: whoever can't take it by then is not waited for.
const GOODBYE_MAX: Duration = Duration::from_millis(100);

/// A connection, used by one thread at a time.
pub(super) struct Client {
    /// `None` once it was closed.
    client: Option<tokio_postgres::Client>,
    /// Moves the bytes, while somebody waits.
    moves: JoinHandle<()>,
    runtime: Runtime,
    /// When whatever is asked has to be answered.
    until: Instant,
}

impl Client {
    /// Connects by `until`, with or without TLS, and notes in `warned` when the database warns.
    pub(super) fn connect(
        config: &Config,
        tls: Option<&Tls>,
        until: Instant,
        warned: Arc<AtomicBool>,
    ) -> Result<Self, Fault> {
        let runtime = Builder::new_current_thread().enable_all().build().map_err(Fault::Runtime)?;
        let connecting = async {
            match tls {
                Some(tls) => {
                    let (client, connection) = config.connect(tls.clone()).await?;
                    Ok((client, tokio::spawn(moves(connection, warned))))
                }
                None => {
                    let (client, connection) = config.connect(NoTls).await?;
                    Ok((client, tokio::spawn(moves(connection, warned))))
                }
            }
        };
        let (runtime, (client, moves)) = run_by(runtime, until, connecting)?;
        Ok(Self { client: Some(client), moves, runtime, until })
    }

    /// From now on whatever is asked has to be answered by then.
    pub(super) const fn answers_by(&mut self, until: Instant) {
        self.until = until;
    }

    pub(super) fn batch_execute(&self, sql: &str) -> Result<(), Fault> {
        self.wait(async |client| client.batch_execute(sql).await)
    }

    pub(super) fn simple_query(&self, sql: &str) -> Result<Vec<SimpleQueryMessage>, Fault> {
        self.wait(async |client| client.simple_query(sql).await)
    }

    pub(super) fn prepare(&self, sql: &str) -> Result<Statement, Fault> {
        self.wait(async |client| client.prepare(sql).await)
    }

    pub(super) fn execute<T: ?Sized + ToStatement>(
        &self,
        statement: &T,
        parameters: &[Parameter<'_>],
    ) -> Result<u64, Fault> {
        self.wait(async |client| client.execute(statement, parameters).await)
    }

    pub(super) fn query<T: ?Sized + ToStatement>(
        &self,
        statement: &T,
        parameters: &[Parameter<'_>],
    ) -> Result<Vec<Row>, Fault> {
        self.wait(async |client| client.query(statement, parameters).await)
    }

    pub(super) fn query_opt<T: ?Sized + ToStatement>(
        &self,
        statement: &T,
        parameters: &[Parameter<'_>],
    ) -> Result<Option<Row>, Fault> {
        self.wait(async |client| client.query_opt(statement, parameters).await)
    }

    pub(super) fn query_one<T: ?Sized + ToStatement>(
        &self,
        statement: &T,
        parameters: &[Parameter<'_>],
    ) -> Result<Row, Fault> {
        self.wait(async |client| client.query_one(statement, parameters).await)
    }

    /// After [`Fault::Silent`] the connection is in the middle of something, and good for nothing more.
    fn wait<T>(
        &self,
        ask: impl AsyncFnOnce(&tokio_postgres::Client) -> Result<T, tokio_postgres::Error>,
    ) -> Result<T, Fault> {
        let client = self.client.as_ref().ok_or(Fault::Silent)?;
        let answered = self.runtime.block_on(async { timeout_at(self.until.into(), ask(client)).await });
        answered.map_err(|_| Fault::Silent)?.map_err(Fault::Postgres)
    }
}

impl Drop for Client {
    /// Says goodbye, so that the database need not find out.
    fn drop(&mut self) {
        drop(self.client.take());
        let by = Instant::now().checked_add(GOODBYE_MAX).unwrap_or(self.until);
        drop(self.runtime.block_on(async { timeout_at(by.into(), &mut self.moves).await }));
    }
}

/// Runs `work` until then, and hands the runtime back if it came to its end.
fn run_by<T>(
    runtime: Runtime,
    until: Instant,
    work: impl Future<Output = Result<T, tokio_postgres::Error>>,
) -> Result<(Runtime, T), Fault> {
    let done = runtime.block_on(async { timeout_at(until.into(), work).await });
    match done.map_err(|_| Fault::Silent).and_then(|done| done.map_err(Fault::Postgres)) {
        Ok(done) => Ok((runtime, done)),
        Err(fault) => {
            // Why: a name is looked up on a thread that nobody can end, and that whoever drops the runtime waits for.
            runtime.shutdown_background();
            Err(fault)
        }
    }
}

/// Moves bytes until the connection ends. How it ended is told to whoever asks something.
async fn moves<T: TlsStream + Unpin>(mut connection: Connection<Socket, T>, warned: Arc<AtomicBool>) {
    while let Some(Ok(message)) = next(&mut connection).await {
        if let AsyncMessage::Notice(notice) = message
            && notice.parsed_severity() == Some(Severity::Warning)
        {
            tracing::warn!(code = notice.code().code(), "the database warns: {}", notice.message());
            warned.store(true, Ordering::Relaxed);
        }
    }
}

fn next<T: TlsStream + Unpin>(
    connection: &mut Connection<Socket, T>,
) -> impl Future<Output = Option<Result<AsyncMessage, tokio_postgres::Error>>> {
    poll_fn(|context| connection.poll_message(context))
}

#[cfg(test)]
mod tests {
    use std::{sync::mpsc, thread};

    use super::*;

    /// A guard: nothing here takes time.
    const HANGS: Duration = Duration::from_secs(20);

    #[test]
    fn a_name_that_is_not_looked_up_in_time_keeps_nobody_waiting() {
        let (release, held) = mpsc::channel::<()>();
        let (tell, told) = mpsc::channel();
        let connecting = thread::spawn(move || {
            let runtime = Builder::new_current_thread().enable_all().build().unwrap();
            // As the system's resolver does where no name server answers.
            let look_up = async {
                drop(tokio::task::spawn_blocking(move || held.recv()).await);
                Ok(())
            };
            let connected = run_by(runtime, Instant::now(), look_up);
            tell.send(connected.map(drop)).unwrap();
        });
        let ended = told.recv_timeout(HANGS);
        drop(release);
        connecting.join().unwrap();
        assert!(matches!(ended, Ok(Err(Fault::Silent))), "{ended:?}");
    }
}
