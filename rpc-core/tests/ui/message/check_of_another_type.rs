use rpc_core::Message;

#[derive(Message)]
#[message(check = is_valid)]
struct Student {
    #[tag(1)]
    name: String,
}

fn is_valid(name: &String) -> bool {
    !name.is_empty()
}

fn main() {}
