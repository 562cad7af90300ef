#[rpc_core::service(id = 1, name = "desk", open)]
trait Desk {
    #[rpc(opcode = 1)]
    fn ring(&self) -> std::result::Result<u32, ()>;
}

fn main() {}
