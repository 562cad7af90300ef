#[derive(Clone, Copy)]
pub enum Access {
    Anyone,
}

#[rpc_core::service(id = 1, name = "desk", access = Access)]
trait Desk {
    #[rpc(opcode = 1)]
    fn ring(&self) -> rpc_core::Result<(), ()>;
}

fn main() {}
