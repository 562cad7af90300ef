use rpc_core::Message;

#[derive(Message)]
struct Page<T> {
    #[tag(1)]
    rows: Vec<T>,
}

fn main() {}
