use rpc_core::{Message, Result};

#[derive(Message)]
pub struct Bell {
    #[tag(1)]
    pub pitch: u32,
}

#[rpc_core::service(id = 1, name = "desk", open)]
pub trait Desk {
    #[rpc(opcode = 1)]
    fn ring(&self, bell: &Bell) -> Result<(), std::convert::Infallible>;
}

fn main() {}
