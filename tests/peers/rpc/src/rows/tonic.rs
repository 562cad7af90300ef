//! tonic: gRPC over HTTP/2, protobuf by prost.

use tokio::net::TcpListener;
use tonic::{
    Request, Response, Status,
    transport::{Channel, Endpoint, Server, server::TcpIncoming},
};

use super::{
    COEFFICIENT, LABEL, PROMOTION, SESSION, STUDENT, VALUE, added,
    asynchronous::{Client, Flavour, call},
    expect,
};
use crate::row::Row;

mod generated {
    #![allow(missing_debug_implementations, unreachable_pub, unused_qualifications, reason = "generated")]
    include!(concat!(env!("OUT_DIR"), "/bench.Bench.rs"));
}
use generated::{
    bench_client::BenchClient,
    bench_server::{Bench, BenchServer},
};

pub(crate) const ROWS: [Row; 2] = [
    Row {
        name: "tonic",
        serve: |_| serve(Flavour::Current),
        call: |run| call::<BenchClient<Channel>>(run, Flavour::Current),
    },
    Row {
        name: "tonic-mt",
        serve: |_| serve(Flavour::Multi),
        call: |run| call::<BenchClient<Channel>>(run, Flavour::Multi),
    },
];

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct AddGrade {
    #[prost(bytes = "vec", tag = "1")]
    session: Vec<u8>,
    #[prost(uint64, tag = "2")]
    promotion: u64,
    #[prost(uint64, tag = "3")]
    student: u64,
    #[prost(double, tag = "4")]
    value: f64,
    #[prost(double, tag = "5")]
    coefficient: f64,
    #[prost(string, tag = "6")]
    label: String,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Added {
    #[prost(uint64, tag = "1")]
    mark: u64,
}

#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct Blob {
    #[prost(bytes = "vec", tag = "1")]
    bytes: Vec<u8>,
}

/// Above the default of 4 MiB, with room for the headers.
const MESSAGE_BYTES_MAX: usize = 65 << 20;

#[derive(Clone)]
struct Handler;

#[tonic::async_trait]
impl Bench for Handler {
    async fn add_grade(&self, request: Request<AddGrade>) -> Result<Response<Added>, Status> {
        let AddGrade { session, promotion, student, value, coefficient, label } = request.into_inner();
        Ok(Response::new(Added { mark: added(&session, promotion, student, value, coefficient, &label) }))
    }

    async fn echo(&self, request: Request<Blob>) -> Result<Response<Blob>, Status> {
        Ok(Response::new(request.into_inner()))
    }
}

fn serve(flavour: Flavour) -> u16 {
    flavour.serve(|listener| async {
        let incoming = TcpIncoming::from(TcpListener::from_std(listener).expect("a listener")).with_nodelay(Some(true));
        let service = BenchServer::new(Handler)
            .max_decoding_message_size(MESSAGE_BYTES_MAX)
            .max_encoding_message_size(MESSAGE_BYTES_MAX);
        Server::builder().add_service(service).serve_with_incoming(incoming).await.expect("a server");
    })
}

impl Client for BenchClient<Channel> {
    async fn connect(port: u16) -> Self {
        let endpoint = Endpoint::from_shared(format!("http://127.0.0.1:{port}")).expect("an address").tcp_nodelay(true);
        let channel = endpoint.connect().await.expect("a server");
        Self::new(channel).max_decoding_message_size(MESSAGE_BYTES_MAX).max_encoding_message_size(MESSAGE_BYTES_MAX)
    }

    async fn add(&self) {
        let request = AddGrade {
            session: SESSION.to_vec(),
            promotion: PROMOTION,
            student: STUDENT,
            value: VALUE,
            coefficient: COEFFICIENT,
            label: LABEL.to_owned(),
        };
        expect(self.clone().add_grade(request).await.expect("an answer").into_inner().mark);
    }

    async fn echo(&self, bytes: usize) {
        let reply = BenchClient::echo(&mut self.clone(), Blob { bytes: vec![1; bytes] }).await;
        assert_eq!(reply.expect("an answer").into_inner().bytes.len(), bytes);
    }
}
