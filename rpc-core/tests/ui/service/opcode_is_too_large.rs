#[rpc_core::service(id = 1, name = "desk", open)]
trait Desk {
    #[rpc(opcode = 65536)]
    fn ring(&self) -> rpc_core::Result<(), ()>;
}

fn main() {}
