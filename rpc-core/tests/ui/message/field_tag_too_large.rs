use rpc_core::Message;

#[derive(Message)]
struct Student {
    #[tag(65536)]
    name: String,
}

fn main() {}
