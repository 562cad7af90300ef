//! Apache Thrift: the blocking server with a pool of threads, binary protocol, buffered transport. What its generator would
//! write is written here, in the same order of calls.

use std::{net::TcpListener, thread};

use thrift::{
    protocol::{
        TBinaryInputProtocol, TBinaryInputProtocolFactory, TBinaryOutputProtocol, TBinaryOutputProtocolFactory,
        TFieldIdentifier, TInputProtocol, TMessageIdentifier, TMessageType, TOutputProtocol, TStructIdentifier, TType,
    },
    server::{TProcessor, TServer},
    transport::{
        ReadHalf, TBufferedReadTransport, TBufferedReadTransportFactory, TBufferedWriteTransport,
        TBufferedWriteTransportFactory, TIoChannel, TTcpChannel, WriteHalf,
    },
};

use super::{COEFFICIENT, LABEL, PROMOTION, SESSION, STUDENT, VALUE, added, expect};
use crate::{
    row::Row,
    run::{Run, Sample},
    scenario::Kind,
};

pub(crate) const ROW: Row = Row { name: "thrift", serve: |_| serve(), call };

/// A connection keeps one of them: more than the scenarios have connections, but for the idle ones.
const WORKERS: usize = 64;

struct Processor;

impl TProcessor for Processor {
    fn process(&self, input: &mut dyn TInputProtocol, output: &mut dyn TOutputProtocol) -> thrift::Result<()> {
        let message = input.read_message_begin()?;
        if message.name == "echo" {
            let bytes = read_struct(input, |input, _| input.read_bytes())?.remove(0);
            input.read_message_end()?;
            return reply(output, &message, TType::String, |output| output.write_bytes(&bytes));
        }
        let mut call = Call::default();
        read_struct(input, |input, field| {
            match field.id {
                Some(1) => call.session = input.read_bytes()?,
                Some(2) => call.promotion = input.read_i64()?,
                Some(3) => call.student = input.read_i64()?,
                Some(4) => call.value = input.read_double()?,
                Some(5) => call.coefficient = input.read_double()?,
                Some(6) => call.label = input.read_string()?,
                _ => input.skip(field.field_type)?,
            }
            Ok(())
        })?;
        input.read_message_end()?;
        let Call { session, promotion, student, value, coefficient, label } = call;
        let mark = added(&session, promotion as u64, student as u64, value, coefficient, &label);
        reply(output, &message, TType::I64, |output| output.write_i64(mark as i64))
    }
}

#[derive(Default)]
struct Call {
    session: Vec<u8>,
    promotion: i64,
    student: i64,
    value: f64,
    coefficient: f64,
    label: String,
}

/// What `read` makes of each field of a struct.
fn read_struct<T>(
    input: &mut dyn TInputProtocol,
    mut read: impl FnMut(&mut dyn TInputProtocol, &TFieldIdentifier) -> thrift::Result<T>,
) -> thrift::Result<Vec<T>> {
    let mut fields = Vec::new();
    input.read_struct_begin()?;
    loop {
        let field = input.read_field_begin()?;
        if field.field_type == TType::Stop {
            break;
        }
        fields.push(read(input, &field)?);
        input.read_field_end()?;
    }
    input.read_struct_end()?;
    Ok(fields)
}

fn reply(
    output: &mut dyn TOutputProtocol,
    request: &TMessageIdentifier,
    kind: TType,
    value: impl FnOnce(&mut dyn TOutputProtocol) -> thrift::Result<()>,
) -> thrift::Result<()> {
    let TMessageIdentifier { name, sequence_number, .. } = request;
    output.write_message_begin(&TMessageIdentifier::new(name.clone(), TMessageType::Reply, *sequence_number))?;
    output.write_struct_begin(&TStructIdentifier::new("result"))?;
    write_field(output, "result_value", kind, 0, value)?;
    output.write_field_stop()?;
    output.write_struct_end()?;
    output.write_message_end()?;
    output.flush()
}

fn write_field(
    output: &mut dyn TOutputProtocol,
    name: &str,
    kind: TType,
    id: i16,
    value: impl FnOnce(&mut dyn TOutputProtocol) -> thrift::Result<()>,
) -> thrift::Result<()> {
    output.write_field_begin(&TFieldIdentifier::new(name, kind, id))?;
    value(output)?;
    output.write_field_end()
}

fn serve() -> u16 {
    // `TServer` binds for itself and does not say where: the port is free again at once.
    let port = TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("a bound socket").port();
    thread::spawn(move || {
        let mut server = TServer::new(
            TBufferedReadTransportFactory::new(),
            TBinaryInputProtocolFactory::new(),
            TBufferedWriteTransportFactory::new(),
            TBinaryOutputProtocolFactory::new(),
            Processor,
            WORKERS,
        );
        server.listen(("127.0.0.1", port)).expect("a server");
    });
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
        thread::yield_now();
    }
    port
}

struct Client {
    input: TBinaryInputProtocol<TBufferedReadTransport<ReadHalf<TTcpChannel>>>,
    output: TBinaryOutputProtocol<TBufferedWriteTransport<WriteHalf<TTcpChannel>>>,
    calls: i32,
}

impl Client {
    fn connect(run: &Run) -> Self {
        let mut channel = TTcpChannel::new();
        channel.open(("127.0.0.1", run.port)).expect("a server");
        let (read, write) = channel.split().expect("two halves");
        Self {
            input: TBinaryInputProtocol::new(TBufferedReadTransport::new(read), true),
            output: TBinaryOutputProtocol::new(TBufferedWriteTransport::new(write), true),
            calls: 0,
        }
    }

    fn ask<T>(
        &mut self,
        method: &str,
        fields: impl FnOnce(&mut dyn TOutputProtocol) -> thrift::Result<()>,
        read: impl FnMut(&mut dyn TInputProtocol, &TFieldIdentifier) -> thrift::Result<T>,
    ) -> thrift::Result<T> {
        self.calls += 1;
        self.output.write_message_begin(&TMessageIdentifier::new(method, TMessageType::Call, self.calls))?;
        self.output.write_struct_begin(&TStructIdentifier::new("arguments"))?;
        fields(&mut self.output)?;
        self.output.write_field_stop()?;
        self.output.write_struct_end()?;
        self.output.write_message_end()?;
        self.output.flush()?;
        assert_eq!(self.input.read_message_begin()?.sequence_number, self.calls);
        let value = read_struct(&mut self.input, read)?.remove(0);
        self.input.read_message_end()?;
        Ok(value)
    }

    fn add(&mut self) {
        let mark = self.ask(
            "addGrade",
            |output| {
                write_field(output, "session", TType::String, 1, |output| output.write_bytes(&SESSION))?;
                write_field(output, "promotion", TType::I64, 2, |output| output.write_i64(PROMOTION as i64))?;
                write_field(output, "student", TType::I64, 3, |output| output.write_i64(STUDENT as i64))?;
                write_field(output, "value", TType::Double, 4, |output| output.write_double(VALUE))?;
                write_field(output, "coefficient", TType::Double, 5, |output| output.write_double(COEFFICIENT))?;
                write_field(output, "label", TType::String, 6, |output| output.write_string(LABEL))
            },
            |input, _| input.read_i64(),
        );
        expect(mark.expect("an answer") as u64);
    }

    fn echo(&mut self, bytes: &[u8]) {
        let write = |output: &mut dyn TOutputProtocol| {
            write_field(output, "bytes", TType::String, 1, |output| output.write_bytes(bytes))
        };
        assert_eq!(self.ask("echo", write, |input, _| input.read_bytes()).expect("an answer").len(), bytes.len());
    }
}

fn call(run: &Run) -> Option<Sample> {
    let amount = run.scenario.amount;
    let connect = || Client::connect(run);
    Some(match run.scenario.kind {
        Kind::Free | Kind::Same | Kind::Split => {
            let mut client = connect();
            run.one_by_one(|| client.add())
        }
        Kind::Echo => {
            let (mut client, bytes) = (connect(), vec![1; amount]);
            run.one_by_one(|| client.echo(&bytes))
        }
        Kind::Connections => {
            let clients: Vec<Client> = (0..amount).map(|_| connect()).collect();
            run.together(clients.into_iter().map(|mut client| move || client.add()).collect())
        }
        // A connection carries one call at a time, and a connection that is idle keeps one of the server's workers.
        _ => return None,
    })
}
