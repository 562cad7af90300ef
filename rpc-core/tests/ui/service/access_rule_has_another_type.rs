#[derive(Debug, rpc_core::AppError)]
pub enum DeskError {
    #[tag(1)]
    Closed,
}

impl std::fmt::Display for DeskError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("closed")
    }
}

impl std::error::Error for DeskError {}

#[derive(Clone, Copy)]
pub enum Access {
    Anyone,
}

#[rpc_core::service(id = 1, name = "desk", access = Access)]
pub trait Desk {
    #[rpc(opcode = 1, access = 7)]
    fn ring(&self) -> rpc_core::Result<(), DeskError>;
}

fn main() {}
