use rpc_core::Message;

#[derive(Message)]
struct Student {
    #[tag(1)]
    name: Option<Option<String>>,
    #[tag(2)]
    marks: Vec<Option<Option<u32>>>,
}

fn main() {}
