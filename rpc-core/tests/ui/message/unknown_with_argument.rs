use rpc_core::Message;

#[derive(Message)]
enum Reason {
    #[unknown(u32)]
    Other(u32),
}

fn main() {}
