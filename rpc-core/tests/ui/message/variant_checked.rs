use rpc_core::Message;

#[derive(Message)]
enum Reason {
    #[tag(1)]
    #[message(check = is_valid)]
    Absent(String),
}

fn main() {}
