use rpc_core::Message;

#[derive(Message)]
struct Student {
    #[tag(1)]
    #[tag(2)]
    name: String,
}

fn main() {}
