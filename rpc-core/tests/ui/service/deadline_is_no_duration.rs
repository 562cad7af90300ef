#[rpc_core::service(id = 1, name = "desk", open)]
trait Desk {
    #[rpc(opcode = 1, deadline = 2)]
    fn ring(&self) -> rpc_core::Result<(), ()>;

    #[rpc(opcode = 2, deadline = "2 h")]
    fn knock(&self) -> rpc_core::Result<(), ()>;
}

fn main() {}
