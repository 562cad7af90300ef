use rpc_core::Message;

#[derive(Message)]
enum Reason {
    #[tag(1)]
    Absent,
    #[unknown]
    Other(u32),
    #[unknown]
    Another(u32),
}

fn main() {}
