#[rpc_core::service(id = 1, name = "desk", open)]
trait Desk {
    #[rpc(opcode = 1, idempotent, keyed)]
    fn ring(&self) -> rpc_core::Result<(), ()>;
}

fn main() {}
