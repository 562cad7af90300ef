//! Layer 5: objects linked to objects. A student links to a promotion that links back; two students share one tutor. A copy
//! of the bytes in memory would send addresses; a tree would turn for ever or copy the tutor. Serialization numbers the
//! objects and sends the numbers.
//!
//! And why the format is closed: here the bytes choose among shapes that the reader declared. A format whose bytes name
//! the code to run while reading (pickle's REDUCE, Java's readObject) runs the sender's code.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "a program that teaches stops where its own expectation is wrong"
)]

#[path = "layers/stage.rs"]
mod stage;

use std::{
    cell::RefCell,
    collections::HashMap,
    io::{Read, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    rc::{Rc, Weak},
};

use rpc_core::{
    Message, Shape, dump,
    tlv::{Buffer, DecodeBody, DecodeLimits, Encode, EncodeBody, Reader, Writer},
};

/// The objects as a program links them.
struct Promotion {
    name: String,
    students: RefCell<Vec<Rc<Student>>>,
}

struct Student {
    name: String,
    promotion: Weak<Promotion>,
    tutor: Rc<Tutor>,
}

struct Tutor {
    name: String,
}

/// The same objects as they travel: links are positions in these lists.
#[derive(Message)]
struct Graph {
    #[tag(1)]
    promotion: String,
    #[tag(2)]
    tutors: Vec<String>,
    #[tag(3)]
    students: Vec<StudentRecord>,
}

#[derive(Message)]
struct StudentRecord {
    #[tag(1)]
    tutor: u32,
    #[tag(2)]
    name: String,
}

fn main() {
    stage::play(7105, bind, |listener| listener.local_addr().expect("a bound socket"), server, client);
}

fn bind(place: SocketAddr) -> TcpListener {
    TcpListener::bind(place).expect("a free port")
}

fn server(listener: TcpListener) {
    let (mut stream, _) = listener.accept().expect("a client");
    stream.set_read_timeout(Some(stage::PATIENCE)).expect("a timeout above zero");
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).expect("the client's bytes");
    let promotion = link(&bytes).expect("a graph whose links lead somewhere");
    stage::part("server", "The objects again, linked:");
    let students = promotion.students.borrow();
    for student in students.iter() {
        let back = student.promotion.upgrade().expect("the promotion lives");
        stage::say("server", format!("{} of {}, tutor {}", student.name, back.name, student.tutor.name));
    }
    let closed = students.iter().all(|student| student.promotion.ptr_eq(&Rc::downgrade(&promotion)));
    stage::say("server", format!("each student links back to the very promotion: {closed}"));
    let shared = Rc::ptr_eq(&students[0].tutor, &students[1].tutor);
    stage::say("server", format!("Ada and Alan have one tutor, not two alike: {shared}"));
    let broken = [bytes.as_slice(), &[0x0c, 0x01]].concat();
    stage::say("server", format!("the same bytes with half a field more are refused: {}", link(&broken).is_none()));
}

fn client(server: SocketAddr) {
    let tutor = Rc::new(Tutor { name: "Grace".into() });
    let other = Rc::new(Tutor { name: "Barbara".into() });
    let promotion = Rc::new(Promotion { name: "BUT2".into(), students: RefCell::default() });
    for (name, tutor) in [("Ada", &tutor), ("Alan", &tutor), ("Edsger", &other)] {
        let student = Student { name: name.into(), promotion: Rc::downgrade(&promotion), tutor: Rc::clone(tutor) };
        promotion.students.borrow_mut().push(Rc::new(student));
    }
    let mut bytes = Buffer::new();
    let mut out = Writer::new(&mut bytes, 4096);
    flatten(&promotion).encode_body(&mut out);
    out.finish().expect("a small graph");
    stage::part("client", "The graph as one message:");
    if let Shape::Message(name, fields) = Graph::shape() {
        print!("{}", dump::body(name, &bytes, fields));
    }
    let mut stream = TcpStream::connect(server).expect("a server: start it first");
    stream.write_all(&bytes).and_then(|()| stream.shutdown(Shutdown::Write)).expect("a server that reads");
    stage::hurts("one client after the other: whoever is slow holds up everyone behind");
}

/// Numbers each object the first time it is met; a link becomes its number.
fn flatten(promotion: &Promotion) -> Graph {
    let mut tutors = Vec::new();
    let mut numbers = HashMap::new();
    let students = promotion.students.borrow();
    let students = students.iter().map(|student| {
        let tutor = *numbers.entry(Rc::as_ptr(&student.tutor)).or_insert_with(|| {
            tutors.push(student.tutor.name.clone());
            u32::try_from(tutors.len() - 1).expect("few tutors")
        });
        StudentRecord { tutor, name: student.name.clone() }
    });
    let students = students.collect();
    Graph { promotion: promotion.name.clone(), tutors, students }
}

/// Makes the objects, then the links; a link that leads nowhere is refused, like every other lie in the bytes.
fn link(bytes: &[u8]) -> Option<Rc<Promotion>> {
    let limits = DecodeLimits { depth_max: 4, heap_bytes_max: 65_536, unknown_fields_max: 8, string_bytes_max: 256 };
    let graph = Graph::decode_body(&mut Reader::new(bytes, limits)).ok()?;
    let tutors: Vec<_> = graph.tutors.into_iter().map(|name| Rc::new(Tutor { name })).collect();
    let promotion = Rc::new(Promotion { name: graph.promotion, students: RefCell::default() });
    for record in graph.students {
        let tutor = Rc::clone(tutors.get(record.tutor as usize)?);
        let student = Student { name: record.name, promotion: Rc::downgrade(&promotion), tutor };
        promotion.students.borrow_mut().push(Rc::new(student));
    }
    Some(promotion)
}
