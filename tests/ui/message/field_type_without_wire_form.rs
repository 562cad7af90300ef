use rpc_core::Message;

struct Name;

#[derive(Message)]
struct Student {
    #[tag(1)]
    name: Name,
}

fn main() {}
