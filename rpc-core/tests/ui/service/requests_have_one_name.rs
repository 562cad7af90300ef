#[rpc_core::service(id = 1, name = "desk", open)]
trait Desk {
    #[rpc(opcode = 1)]
    fn ring_bell(&self) -> rpc_core::Result<(), ()>;

    #[rpc(opcode = 2)]
    fn ring__bell(&self) -> rpc_core::Result<(), ()>;
}

fn main() {}
