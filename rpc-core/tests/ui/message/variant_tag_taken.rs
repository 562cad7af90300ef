use rpc_core::Message;

#[derive(Message)]
enum Reason {
    #[tag(1)]
    Absent,
    #[tag(1)]
    Excused,
}

fn main() {}
