//! The scenarios for clients whose calls are futures. The loops run inside the runtime, as a program that is written for it
//! would; only threads that share a connection each block on their own call, since that is what they are.

use std::thread;

use tokio::{
    runtime::{Builder, Handle, Runtime},
    task::JoinHandle,
};

use crate::{
    run::{Run, Sample, Turns, Window},
    scenario::Kind,
};

/// How many threads a runtime has.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Flavour {
    Current,
    Multi,
}

impl Flavour {
    pub(crate) fn runtime(self) -> Runtime {
        let mut builder = match self {
            Self::Current => Builder::new_current_thread(),
            Self::Multi => Builder::new_multi_thread(),
        };
        builder.enable_all().build().expect("a runtime")
    }

    /// Runs a server for as long as the process lives; it sends its port when it listens.
    pub(crate) fn serve<F: Future<Output = ()>>(
        self,
        server: impl FnOnce(std::net::TcpListener) -> F + Send + 'static,
    ) -> u16 {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.set_nonblocking(true).expect("a socket");
        let port = listener.local_addr().expect("a bound socket").port();
        thread::spawn(move || self.runtime().block_on(server(listener)));
        port
    }
}

/// One connection.
pub(crate) trait Client: Clone + Send + Sync + 'static {
    fn connect(port: u16) -> impl Future<Output = Self> + Send;

    /// One call with its answer looked at.
    fn add(&self) -> impl Future<Output = ()> + Send;

    /// So many bytes there and back.
    fn echo(&self, bytes: usize) -> impl Future<Output = ()> + Send;
}

/// The client's side of a scenario.
pub(crate) fn call<C: Client>(run: &Run, flavour: Flavour) -> Option<Sample> {
    let runtime = flavour.runtime();
    let connect = |count: usize| {
        runtime.block_on(async {
            let mut clients: Vec<C> = Vec::with_capacity(count);
            for _ in 0..count {
                let client = C::connect(run.port).await;
                client.add().await;
                clients.push(client);
            }
            clients
        })
    };
    let amount = run.scenario.amount;
    Some(match run.scenario.kind {
        Kind::Free | Kind::Same | Kind::Split => tasks(run, &runtime, connect(1)),
        Kind::Pipeline => tasks(run, &runtime, vec![connect(1).remove(0); amount]),
        Kind::Connections => tasks(run, &runtime, connect(amount)),
        Kind::Echo => {
            let client = connect(1).remove(0);
            run.measure(|window| {
                vec![runtime.block_on(async {
                    let mut turns = Turns::new(window, 1);
                    while turns.another() {
                        client.echo(amount).await;
                    }
                    turns
                })]
            })
        }
        Kind::Threads => {
            let client = connect(1).remove(0);
            let handle = driven(runtime);
            run.together((0..amount).map(|_| || handle.block_on(client.add())).collect())
        }
        Kind::Idle => {
            let clients = connect(amount);
            driven(runtime);
            run.hold(clients)
        }
        _ => return None,
    })
}

/// A task for each of the clients, which call as fast as they can.
fn tasks<C: Client>(run: &Run, runtime: &Runtime, clients: Vec<C>) -> Sample {
    let count = clients.len();
    let calling = |client: C, window: Window| async move {
        let mut turns = Turns::new(window, count);
        while turns.another() {
            client.add().await;
        }
        turns
    };
    run.measure(|window| {
        runtime.block_on(async {
            // A task of its own costs one caller nothing but a hop.
            if let [client] = clients.as_slice() {
                return vec![calling(client.clone(), window).await];
            }
            let tasks: Vec<JoinHandle<Turns>> =
                clients.into_iter().map(|client| tokio::spawn(calling(client, window))).collect();
            let mut all = Vec::with_capacity(count);
            for task in tasks {
                all.push(task.await.expect("a caller"));
            }
            all
        })
    })
}

/// Keeps a runtime running on a thread of its own, as one of a single thread needs to be.
fn driven(runtime: Runtime) -> Handle {
    let handle = runtime.handle().clone();
    thread::spawn(move || runtime.block_on(std::future::pending::<()>()));
    handle
}
