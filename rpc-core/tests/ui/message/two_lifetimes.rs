use rpc_core::Message;

#[derive(Message)]
struct Student<'n, 'p> {
    #[tag(1)]
    name: &'n str,
    #[tag(2)]
    promotion: &'p str,
}

fn main() {}
