use rpc_core::Message;

#[derive(Message)]
struct Student {
    #[tag(1, default)]
    name: Option<String>,
    #[tag(2, default)]
    marks: Vec<u32>,
}

fn main() {}
