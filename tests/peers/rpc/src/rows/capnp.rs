//! capnp-rpc: zero-copy messages, promises, one thread: its clients can't leave the thread that made them, so threads can't
//! share one.

use std::rc::Rc;

use capnp_rpc::{RpcSystem, rpc_twoparty_capnp::Side, twoparty::VatNetwork};
use tokio::{
    net::{TcpListener, TcpStream},
    task::{LocalSet, spawn_local},
};
use tokio_util::compat::{TokioAsyncReadCompatExt, TokioAsyncWriteCompatExt};

use super::{COEFFICIENT, LABEL, PROMOTION, SESSION, STUDENT, VALUE, added, asynchronous::Flavour, expect};
use crate::{
    row::Row,
    run::{Run, Sample, Turns, Window},
    scenario::Kind,
};

mod bench_capnp {
    #![allow(
        missing_debug_implementations,
        unreachable_pub,
        unused_qualifications,
        dead_code,
        clippy::all,
        reason = "generated"
    )]
    include!(concat!(env!("OUT_DIR"), "/bench_capnp.rs"));
}
use bench_capnp::bench;

pub(crate) const ROW: Row = Row { name: "capnp-rpc", serve: |_| serve(), call };

struct Handler;

impl bench::Server for Handler {
    async fn add_grade(
        self: Rc<Self>,
        params: bench::AddGradeParams,
        mut results: bench::AddGradeResults,
    ) -> Result<(), capnp::Error> {
        let request = params.get()?;
        let mark = added(
            request.get_session()?,
            request.get_promotion(),
            request.get_student(),
            request.get_value(),
            request.get_coefficient(),
            request.get_label()?.to_str()?,
        );
        results.get().set_mark(mark);
        Ok(())
    }

    async fn echo(
        self: Rc<Self>,
        params: bench::EchoParams,
        mut results: bench::EchoResults,
    ) -> Result<(), capnp::Error> {
        results.get().set_bytes(params.get()?.get_bytes()?);
        Ok(())
    }
}

fn network(stream: TcpStream, side: Side) -> Box<VatNetwork<impl futures::AsyncRead + Unpin>> {
    stream.set_nodelay(true).expect("a socket");
    let (read, write) = stream.into_split();
    Box::new(VatNetwork::new(read.compat(), write.compat_write(), side, Default::default()))
}

fn serve() -> u16 {
    Flavour::Current.serve(|listener| async move {
        LocalSet::new()
            .run_until(async {
                let listener = TcpListener::from_std(listener).expect("a listener");
                let handler: bench::Client = capnp_rpc::new_client(Handler);
                loop {
                    let (stream, _) = listener.accept().await.expect("a connection");
                    spawn_local(RpcSystem::new(network(stream, Side::Server), Some(handler.clone().client)));
                }
            })
            .await
    })
}

async fn connect(port: u16) -> bench::Client {
    let stream = TcpStream::connect(("127.0.0.1", port)).await.expect("a server");
    let mut system = RpcSystem::new(network(stream, Side::Client), None);
    let client = system.bootstrap(Side::Server);
    spawn_local(system);
    client
}

async fn add(client: &bench::Client) {
    let mut request = client.add_grade_request();
    let mut fields = request.get();
    fields.set_session(&SESSION);
    fields.set_promotion(PROMOTION);
    fields.set_student(STUDENT);
    fields.set_value(VALUE);
    fields.set_coefficient(COEFFICIENT);
    fields.set_label(LABEL);
    let reply = request.send().promise.await.expect("an answer");
    expect(reply.get().expect("a reply").get_mark());
}

async fn echo(client: &bench::Client, bytes: &[u8]) {
    let mut request = client.echo_request();
    request.get().set_bytes(bytes);
    let reply = request.send().promise.await.expect("an answer");
    assert_eq!(reply.get().and_then(|reply| reply.get_bytes()).expect("a reply").len(), bytes.len());
}

fn call(run: &Run) -> Option<Sample> {
    let (runtime, local) = (Flavour::Current.runtime(), LocalSet::new());
    let amount = run.scenario.amount;
    let connect = |count: usize| {
        local.block_on(&runtime, async {
            let mut clients = Vec::with_capacity(count);
            for _ in 0..count {
                let client = connect(run.port).await;
                add(&client).await;
                clients.push(client);
            }
            clients
        })
    };
    let clients = match run.scenario.kind {
        Kind::Free | Kind::Same | Kind::Split => connect(1),
        Kind::Pipeline => vec![connect(1).remove(0); amount],
        Kind::Connections => connect(amount),
        Kind::Echo => {
            let (client, bytes) = (connect(1).remove(0), vec![1; amount]);
            let echoes = |window| async move {
                let mut turns = Turns::new(window, 1);
                while turns.another() {
                    echo(&client, &bytes).await;
                }
                turns
            };
            return Some(run.measure(|window| vec![local.block_on(&runtime, echoes(window))]));
        }
        Kind::Idle => {
            let clients = connect(amount);
            let sample = run.hold(clients);
            std::mem::forget((runtime, local));
            return Some(sample);
        }
        _ => return None,
    };
    let count = clients.len();
    let calling = |client: bench::Client, window: Window| async move {
        let mut turns = Turns::new(window, count);
        while turns.another() {
            add(&client).await;
        }
        turns
    };
    Some(run.measure(|window| {
        local.block_on(&runtime, async {
            let tasks: Vec<_> = clients.into_iter().map(|client| spawn_local(calling(client, window))).collect();
            let mut all = Vec::with_capacity(count);
            for task in tasks {
                all.push(task.await.expect("a caller"));
            }
            all
        })
    }))
}
