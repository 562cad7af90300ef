//! ttrpc, the synchronous half: threads and channels, rust-protobuf. What its generator would write for the service is small
//! and written here.

use std::{
    net::{TcpListener, TcpStream},
    os::fd::IntoRawFd,
    sync::Arc,
};

use protobuf::Message;
use ttrpc::{MethodHandler, Request, Response, TtrpcContext};

use super::{COEFFICIENT, LABEL, PROMOTION, SESSION, STUDENT, VALUE, added, expect};
use crate::{
    row::Row,
    run::{Run, Sample},
    scenario::Kind,
};

mod generated {
    #![allow(missing_debug_implementations, unreachable_pub, unused_qualifications, reason = "generated")]
    include!(concat!(env!("OUT_DIR"), "/ttrpc_messages/mod.rs"));
}
use generated::bench::{AddGrade, Added, Blob};

pub(crate) const ROW: Row = Row { name: "ttrpc", serve: |_| serve(), call };

struct Method<F>(F);

impl<F: Fn(&[u8]) -> Vec<u8>> MethodHandler for Method<F> {
    fn handler(&self, context: TtrpcContext, request: Request) -> ttrpc::Result<()> {
        let mut response = Response::new();
        response.set_status(ttrpc::get_status(ttrpc::Code::OK, String::new()));
        response.payload = (self.0)(&request.payload);
        context.respond(context.mh.stream_id, response)
    }
}

fn add(request: &[u8]) -> Vec<u8> {
    let AddGrade { session, promotion, student, value, coefficient, label, .. } =
        AddGrade::parse_from_bytes(request).expect("a request");
    let mark = added(&session, promotion, student, value, coefficient, &label);
    Added { mark, ..Added::default() }.write_to_bytes().expect("a short message")
}

fn echo(request: &[u8]) -> Vec<u8> {
    Blob::parse_from_bytes(request).expect("a request").write_to_bytes().expect("a message")
}

fn serve() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    // Accepted sockets inherit it; std has it for streams only.
    rustix::net::sockopt::set_tcp_nodelay(&listener, true).expect("a socket");
    let port = listener.local_addr().expect("a bound socket").port();
    let mut methods = std::collections::HashMap::new();
    methods.insert("/bench/add".to_owned(), Box::new(Method(add)) as Box<dyn MethodHandler + Send + Sync>);
    methods.insert("/bench/echo".to_owned(), Box::new(Method(echo)) as Box<dyn MethodHandler + Send + Sync>);
    let server = ttrpc::Server::new().add_listener(listener.into_raw_fd()).expect("a listener");
    let mut server = server.register_service(methods);
    server.start().expect("a server");
    std::mem::forget(server); // serves until the process ends
    port
}

fn connect(run: &Run) -> Arc<ttrpc::Client> {
    let stream = TcpStream::connect(("127.0.0.1", run.port)).expect("a server");
    stream.set_nodelay(true).expect("a socket");
    Arc::new(ttrpc::Client::new(stream.into_raw_fd()).expect("a client"))
}

fn ask<M: Message>(client: &ttrpc::Client, method: &str, request: &impl Message) -> M {
    let mut envelope = Request::new();
    envelope.set_service("bench".to_owned());
    envelope.set_method(method.to_owned());
    envelope.payload = request.write_to_bytes().expect("a message");
    M::parse_from_bytes(&client.request(envelope).expect("an answer").payload).expect("a reply")
}

fn add_grade(client: &ttrpc::Client) {
    let request = AddGrade {
        session: SESSION.to_vec(),
        promotion: PROMOTION,
        student: STUDENT,
        value: VALUE,
        coefficient: COEFFICIENT,
        label: LABEL.to_owned(),
        ..AddGrade::default()
    };
    expect(ask::<Added>(client, "add", &request).mark);
}

fn call(run: &Run) -> Option<Sample> {
    let client = connect(run);
    let amount = run.scenario.amount;
    let clients = || (0..amount).map(|_| connect(run));
    Some(match run.scenario.kind {
        Kind::Free | Kind::Same | Kind::Split => run.one_by_one(|| add_grade(&client)),
        Kind::Threads => run.together((0..amount).map(|_| || add_grade(&client)).collect()),
        Kind::Connections => run.together(clients().map(|client| move || add_grade(&client)).collect()),
        Kind::Echo => run.one_by_one(|| {
            let blob = Blob { bytes: vec![1; amount], ..Blob::default() };
            assert_eq!(ask::<Blob>(&client, "echo", &blob).bytes.len(), amount);
        }),
        Kind::Idle => run.hold(clients().inspect(|client| add_grade(client)).collect()),
        // No calls in flight: each returns its answer.
        _ => return None,
    })
}
