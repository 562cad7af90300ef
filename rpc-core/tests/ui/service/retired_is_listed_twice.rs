#[rpc_core::service(id = 1, name = "desk", open, retired(9, 9))]
trait Desk {
    #[rpc(opcode = 1)]
    fn ring(&self) -> rpc_core::Result<(), ()>;
}

fn main() {}
