use rpc_core::Message;

#[derive(Message)]
enum Reason {
    #[tag(1)]
    Absent,
    #[unknown]
    Other(u16),
}

fn main() {}
