use rpc_core::Message;

#[derive(Message)]
#[message(hidden)]
struct Student {
    #[tag(1)]
    name: String,
}

fn main() {}
