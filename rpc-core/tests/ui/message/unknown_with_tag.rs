use rpc_core::Message;

#[derive(Message)]
enum Reason {
    #[tag(1)]
    #[unknown]
    Other(u32),
}

fn main() {}
