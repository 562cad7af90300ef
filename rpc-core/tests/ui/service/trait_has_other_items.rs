#[rpc_core::service(id = 1, name = "desk", open)]
trait Desk {
    const BELLS: u32;

    type Bell;

    #[rpc(opcode = 1)]
    fn ring(&self) -> rpc_core::Result<(), ()>;
}

fn main() {}
