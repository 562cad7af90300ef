use rpc_core::Message;

#[derive(Message)]
#[message(retired(2, 2))]
struct Student {
    #[tag(1)]
    name: String,
}

fn main() {}
