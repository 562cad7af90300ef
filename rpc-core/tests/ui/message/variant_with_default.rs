use rpc_core::Message;

#[derive(Message)]
enum Reason {
    #[tag(1, default)]
    Absent,
}

fn main() {}
