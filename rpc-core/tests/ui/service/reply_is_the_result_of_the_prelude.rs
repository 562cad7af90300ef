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

#[rpc_core::service(id = 1, name = "desk", open)]
pub trait Desk {
    #[rpc(opcode = 1)]
    fn ring(&self) -> Result<(), DeskError>;
}

fn main() {}
