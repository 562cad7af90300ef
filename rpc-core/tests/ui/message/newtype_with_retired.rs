use rpc_core::Message;

#[derive(Message)]
#[message(retired(1))]
struct Student(String);

fn main() {}
