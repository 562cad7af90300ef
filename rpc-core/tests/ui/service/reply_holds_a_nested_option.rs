#[rpc_core::service(id = 1, name = "desk", open)]
trait Desk {
    #[rpc(opcode = 1)]
    fn ring(&self) -> rpc_core::Result<Vec<Option<Option<u32>>>, ()>;
}

fn main() {}
