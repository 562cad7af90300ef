#[rpc_core::service(id = 1, name = "desk", open)]
trait Desk {
    #[rpc(opcode)]
    fn ring(&self) -> rpc_core::Result<(), ()>;
}

fn main() {}
