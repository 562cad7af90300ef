#[rpc_core::service(id = 1, open)]
trait FrontDesk {
    #[rpc(opcode = 1)]
    fn ring(&self) -> rpc_core::Result<(), ()>;
}

fn main() {}
