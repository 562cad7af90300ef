use rpc_core::Message;

#[derive(Message)]
struct Student {
    #[tag(1)]
    name: String,
    number: String,
}

fn main() {}
