use rpc_core::Message;

#[derive(Message)]
#[message(retired(2, 3))]
struct Student {
    #[tag(1)]
    name: String,
    #[tag(3)]
    number: String,
}

fn main() {}
