#[rpc_core::service(id = 1, name = "desk", open)]
trait Desk {
    #[rpc(opcode = 1)]
    fn ring(&self) -> rpc_core::Result<(), ()>;

    #[rpc(opcode = 2)]
    fn start_ring(&self) -> rpc_core::Result<(), ()>;
}

fn main() {}
