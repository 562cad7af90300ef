#[rpc_core::service(id = 1, name = "desk", open)]
trait Desk: Send + std::fmt::Debug + 'static {
    #[rpc(opcode = 1)]
    fn ring(&self) -> rpc_core::Result<(), ()>;
}

fn main() {}
