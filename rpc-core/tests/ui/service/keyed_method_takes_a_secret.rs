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

#[derive(rpc_core::Message)]
#[message(secret)]
pub struct Code(String);

impl std::fmt::Debug for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Code(hidden)")
    }
}

#[rpc_core::service(id = 1, name = "desk", open)]
pub trait Desk {
    #[rpc(opcode = 1, keyed)]
    fn open(&self, door: &str, code: Option<&Code>) -> rpc_core::Result<(), DeskError>;
}

fn main() {}
