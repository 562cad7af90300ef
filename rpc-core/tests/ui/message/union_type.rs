use rpc_core::Message;

#[derive(Message)]
union Mark {
    points: u32,
    reason: u32,
}

fn main() {}
