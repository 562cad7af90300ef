#[rpc_core::service(id = 1, name = "desk", open)]
trait Desk {
    #[rpc(opcode = 1, timeout = "2s")]
    fn ring(&self) -> rpc_core::Result<(), ()>;
}

fn main() {}
