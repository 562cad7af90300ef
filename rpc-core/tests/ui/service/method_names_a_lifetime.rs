#[rpc_core::service(id = 1, name = "desk", open)]
trait Desk {
    #[rpc(opcode = 1)]
    fn ring<'a>(&self, bell: &'a str) -> rpc_core::Result<(), ()>;
}

fn main() {}
