//! Our codec beside others in one process. So far it says how many bytes each needs for the same call.

use rpc_core::{
    Message,
    tlv::{EncodeBody, Writer},
};

#[derive(Message)]
struct Call {
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

#[derive(prost::Message)]
struct ProstCall {
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

fn main() {
    let call = Call {
        session: [7; 16],
        promotion: 1_000_001,
        student: 2_000_002,
        value: 14.5,
        coefficient: 2.0,
        label: "TP reseau 01".to_owned(),
    };
    let mut ours = Vec::new();
    let mut writer = Writer::new(&mut ours, 1 << 20);
    call.encode_body(&mut writer);
    writer.finish().expect("a call is far below the limit");
    let theirs = ProstCall {
        session: call.session.to_vec(),
        promotion: call.promotion,
        student: call.student,
        value: call.value,
        coefficient: call.coefficient,
        label: call.label,
    };
    println!("call: ours {} bytes, prost {} bytes", ours.len(), prost::Message::encode_to_vec(&theirs).len());
}
