//! Bytes from an enemy: the server lives, and other clients never notice.

use super::*;

/// A seeded generator, so that a failing round can be repeated.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % u64::try_from(bound).unwrap()).unwrap()
    }
}

/// Hello and a call of each kind, as an honest client sends them.
fn session(client: &mut Client) -> Vec<u8> {
    let mut bytes = Vec::new();
    ClientHello { version: VERSION, reply_bytes_max: 4 << 20 }.append(&mut bytes);
    let keyed = Metadata { request_key: Some([1; 16]), deadline: Some(LONG), ..GOOD };
    bytes.extend(client.request(1, &GOOD, &number(6)));
    bytes.extend(client.request(6, &keyed, &text(300)));
    bytes.extend(client.request(5, &Metadata::default(), &text(3)));
    bytes
}

#[test]
fn a_peer_that_ends_at_any_byte_ends_alone() {
    let bench = Bench::new();
    let mut other = bench.greet();
    let whole = session(&mut bench.connect());
    for end in 0..whole.len() {
        bench.connect().send(&whole[..end]);
        bench.close_reason();
    }
    assert_eq!(other.call(1, &number(6)).body, number(3));
}

#[test]
fn a_peer_that_garbles_bytes_harms_only_itself() {
    let bench = Bench::with(Limits::new().with_frame_wait(Duration::from_millis(1)).unwrap());
    let mut other = bench.greet();
    let mut random = Random(0x5eed);
    for round in 0..300 {
        let mut client = bench.connect();
        let mut bytes = session(&mut client);
        for _ in 0..=random.below(4) {
            let place = random.below(bytes.len());
            bytes[place] = u8::try_from(random.below(256)).unwrap();
        }
        // The server may close before it has read everything.
        let _sent = write_all(&*client.transport, &bytes, Deadline::after(LONG));
        let _ended = client.transport.shutdown();
        assert_eq!(other.call(1, &number(6)).body, number(3), "round {round}");
    }
}

#[test]
fn every_length_and_kind_of_a_first_frame_is_survived() {
    let bench = Bench::with(Limits::new().with_hello_wait(Duration::from_millis(1)).unwrap());
    for length in [0, 1, 1_024, 1_025, 1 << 20, u32::MAX] {
        for kind in 0..=5 {
            let mut header = [0; Header::BYTES];
            header[..4].copy_from_slice(&length.to_le_bytes());
            header[12] = kind;
            let mut client = bench.connect();
            // The hello's millisecond may be over already.
            let _sent = write_all(&*client.transport, &header, Deadline::after(LONG));
            client.hear_end();
        }
    }
    for _ in 0..36 {
        assert!(matches!(bench.close_reason(), CloseReason::BadHello | CloseReason::HelloDeadline));
    }
}
