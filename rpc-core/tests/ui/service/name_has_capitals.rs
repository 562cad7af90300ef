#[rpc_core::service(id = 1, name = "Front Desk", open)]
trait Desk {
    #[rpc(opcode = 1)]
    fn ring(&self) -> rpc_core::Result<(), ()>;
}

fn main() {}
