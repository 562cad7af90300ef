use rpc_core::Message;

#[derive(Message)]
struct Page<const ROWS: usize> {
    #[tag(1)]
    rows: [u32; ROWS],
}

fn main() {}
