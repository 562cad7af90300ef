//! tarpc: a trait like ours, futures, bincode.

use futures::StreamExt;
use serde_bytes::ByteBuf;
use tarpc::{
    client, context,
    server::{BaseChannel, Channel},
    tokio_serde::formats::Bincode,
    tokio_util::codec::LengthDelimitedCodec,
};
use tokio::net::{TcpListener, TcpStream};

use super::{
    COEFFICIENT, LABEL, PROMOTION, SESSION, STUDENT, VALUE, added,
    asynchronous::{Client, Flavour, call},
    expect,
};
use crate::row::Row;

pub(crate) const ROWS: [Row; 2] = [
    Row { name: "tarpc", serve: |_| serve(Flavour::Current), call: |run| call::<BenchClient>(run, Flavour::Current) },
    Row { name: "tarpc-mt", serve: |_| serve(Flavour::Multi), call: |run| call::<BenchClient>(run, Flavour::Multi) },
];

#[allow(clippy::too_many_arguments, reason = "tarpc adds a context to the six that everybody has")]
#[tarpc::service]
trait Bench {
    async fn add_grade(
        session: [u8; 16],
        promotion: u64,
        student: u64,
        value: f64,
        coefficient: f64,
        label: String,
    ) -> u64;
    async fn echo_back(bytes: ByteBuf) -> ByteBuf;
}

#[derive(Clone)]
struct Handler;

impl Bench for Handler {
    async fn add_grade(
        self,
        _: context::Context,
        session: [u8; 16],
        promotion: u64,
        student: u64,
        value: f64,
        coefficient: f64,
        label: String,
    ) -> u64 {
        added(&session, promotion, student, value, coefficient, &label)
    }

    async fn echo_back(self, _: context::Context, bytes: ByteBuf) -> ByteBuf {
        bytes
    }
}

fn serve(flavour: Flavour) -> u16 {
    flavour.serve(|listener| async {
        let listener = TcpListener::from_std(listener).expect("a listener");
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            stream.set_nodelay(true).expect("a socket");
            let framed = LengthDelimitedCodec::builder().new_framed(stream);
            let channel = BaseChannel::with_defaults(tarpc::serde_transport::new(framed, Bincode::default()));
            tokio::spawn(channel.execute(Handler.serve()).for_each(|response| async {
                tokio::spawn(response);
            }));
        }
    })
}

impl Client for BenchClient {
    async fn connect(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).await.expect("a server");
        stream.set_nodelay(true).expect("a socket");
        let framed = LengthDelimitedCodec::builder().new_framed(stream);
        Self::new(client::Config::default(), tarpc::serde_transport::new(framed, Bincode::default())).spawn()
    }

    async fn add(&self) {
        let label = LABEL.to_owned();
        let mark = self.add_grade(context::current(), SESSION, PROMOTION, STUDENT, VALUE, COEFFICIENT, label).await;
        expect(mark.expect("an answer"));
    }

    async fn echo(&self, bytes: usize) {
        let reply = self.echo_back(context::current(), ByteBuf::from(vec![1; bytes])).await;
        assert_eq!(reply.expect("an answer").len(), bytes);
    }
}
