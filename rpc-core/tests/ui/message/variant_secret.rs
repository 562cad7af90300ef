use rpc_core::Message;

#[derive(Message)]
enum Reason {
    #[tag(1)]
    #[message(secret)]
    Absent(String),
}

fn main() {}
