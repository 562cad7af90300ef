#[derive(Debug)]
pub struct DeskError;

#[rpc_core::service(id = 1, name = "desk", open)]
pub trait Desk {
    #[rpc(opcode = 1)]
    fn ring(&self) -> rpc_core::Result<(), DeskError>;
}

fn main() {}
