use rpc_core::Message;

#[derive(Message)]
struct Student {
    #[tag(1)]
    name: String,
    #[tag(1)]
    number: String,
}

fn main() {}
