use rpc_core::Message;

#[derive(Message)]
enum Reason {
    #[tag(1)]
    Absent,
    #[unknown]
    Other,
}

fn main() {}
