use rpc_core::Message;

#[derive(Message)]
struct Student {
    #[tag("name")]
    name: String,
}

fn main() {}
