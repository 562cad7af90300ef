#[rpc_core::service(name = "desk", open)]
trait Desk {
    #[rpc(opcode = 1)]
    fn ring(&self) -> rpc_core::Result<(), ()>;
}

fn main() {}
