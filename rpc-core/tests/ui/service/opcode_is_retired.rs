#[rpc_core::service(id = 1, name = "desk", open, retired(9, 12))]
trait Desk {
    #[rpc(opcode = 9)]
    fn ring(&self) -> rpc_core::Result<(), ()>;
}

fn main() {}
