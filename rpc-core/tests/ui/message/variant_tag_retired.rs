use rpc_core::Message;

#[derive(Message)]
#[message(retired(1))]
enum Reason {
    #[tag(1)]
    Absent,
}

fn main() {}
