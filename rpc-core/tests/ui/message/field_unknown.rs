use rpc_core::Message;

#[derive(Message)]
struct Student {
    #[tag(1)]
    #[unknown]
    name: String,
}

fn main() {}
