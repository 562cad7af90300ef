#[derive(Clone, Copy)]
pub enum Access {
    Anyone,
}

#[rpc_core::service(id = 1, name = "desk", access = Access, open)]
trait Desk {
    #[rpc(opcode = 1, access = Access::Anyone)]
    fn ring(&self) -> rpc_core::Result<(), ()>;
}

fn main() {}
