use rpc_core::Message;

#[derive(Message)]
struct Student {
    #[tag(0)]
    name: String,
}

fn main() {}
