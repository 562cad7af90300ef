//! Work that is counted instead of timed: runs one thing as often as it is told to, so that `tests/counts` can take the
//! difference of two runs under callgrind as the instructions of one. Allocations are counted here, by the allocator.
#![allow(
    unsafe_code,
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a counting allocator can only be written in unsafe code; a count that can't be taken ends the program"
)]

use std::{
    alloc::{GlobalAlloc, Layout, System},
    env,
    hint::black_box,
    sync::atomic::{AtomicU64, Ordering},
};

use rpc_core::{
    Channel, Message, Server,
    tlv::{Buffer, DecodeBody, DecodeLimits, EncodeBody, Reader, Writer},
};
use tests::bench_service::{Bench as _, BenchClient, BenchDispatch, Handler};

/// One addition an allocation: the harness has an allocator that keeps the height of each thread, whose instructions would
/// be counted here too.
struct Counting;

static ALLOCATIONS: AtomicU64 = AtomicU64::new(0);

// SAFETY: every call is passed on to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.fetch_add(1, Ordering::Relaxed);
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

#[derive(Clone, Message)]
struct Mark {
    #[tag(1)]
    session: [u8; 16],
    #[tag(2)]
    promotion: u64,
    #[tag(3)]
    student: u64,
    #[tag(4)]
    value: f64,
    #[tag(5)]
    coefficient: f64,
    #[tag(6)]
    label: String,
}

#[derive(Clone, Message)]
struct Promotion {
    #[tag(1)]
    name: String,
    #[tag(2)]
    students: Vec<Student>,
}

#[derive(Clone, Message)]
struct Student {
    #[tag(1)]
    id: u64,
    #[tag(2)]
    name: String,
    #[tag(3)]
    grades: Vec<Grade>,
}

#[derive(Clone, Message)]
struct Grade {
    #[tag(1)]
    value: f64,
    #[tag(2)]
    coefficient: f64,
    #[tag(3)]
    at: u64,
    #[tag(4)]
    label: String,
}

const LIMITS: DecodeLimits =
    DecodeLimits { depth_max: 32, heap_bytes_max: 1 << 30, unknown_fields_max: 64, string_bytes_max: 1 << 16 };

fn mark() -> Mark {
    Mark { session: [7; 16], promotion: 1, student: 2, value: 14.5, coefficient: 2.0, label: "TP reseau 01".into() }
}

fn promotion() -> Promotion {
    let grade = |n: u64| Grade { value: 14.5, coefficient: 2.0, at: n, label: format!("controle {n:04}") };
    let student = |n: u64| Student { id: n, name: format!("Étudiante {n:05}"), grades: (0..20).map(grade).collect() };
    Promotion { name: "BUT2".into(), students: (0..500).map(student).collect() }
}

fn encode(value: &impl EncodeBody, out: &mut Buffer) {
    out.clear();
    let mut writer = Writer::new(out, 1 << 30);
    value.encode_body(&mut writer);
    writer.finish().unwrap();
}

fn decode<'a, T: DecodeBody<'a>>(bytes: &'a [u8]) -> T {
    let mut reader = Reader::new(bytes, LIMITS);
    let value = T::decode_body(&mut reader).unwrap();
    reader.finish().unwrap();
    value
}

fn main() {
    let words: Vec<String> = env::args().collect();
    let (what, times) = match words.as_slice() {
        [_, what, times] => (what.as_str(), times.parse::<u64>().expect("a number of times")),
        _ => panic!("usage: counts WHAT TIMES"),
    };
    let mut bytes = Buffer::new();
    let mut run: Box<dyn FnMut()> = match what {
        "call-encode" => {
            let mark = mark();
            Box::new(move || encode(black_box(&mark), &mut bytes))
        }
        "call-decode" => {
            encode(&mark(), &mut bytes);
            Box::new(move || drop(black_box(decode::<Mark>(black_box(&bytes)))))
        }
        "promotion-encode" => {
            let promotion = promotion();
            Box::new(move || encode(black_box(&promotion), &mut bytes))
        }
        "promotion-decode" => {
            encode(&promotion(), &mut bytes);
            Box::new(move || drop(black_box(decode::<Promotion>(black_box(&bytes)))))
        }
        "promotion-clone" => {
            let promotion = promotion();
            Box::new(move || drop(black_box(promotion.clone())))
        }
        "call" => {
            let server = Server::builder().service(BenchDispatch::new(Handler)).start().unwrap();
            let client = BenchClient::new(Channel::over(server.connect()));
            Box::new(move || {
                let _keep = &server;
                client.add_grade(&[7; 16], 1, 2, 14.5, 2.0, "TP reseau 01").unwrap();
            })
        }
        other => panic!("nothing here is called {other}"),
    };
    for _ in 0..64 {
        run();
    }
    let before = ALLOCATIONS.load(Ordering::Relaxed);
    for _ in 0..times {
        run();
    }
    let allocations = ALLOCATIONS.load(Ordering::Relaxed).saturating_sub(before);
    println!("{what}: {allocations} allocations in {times}");
    std::process::exit(0); // what is torn down is not counted
}
