use rpc_core::Message;

#[derive(Message)]
struct Student {
    #[tag(1, optional)]
    name: String,
}

fn main() {}
