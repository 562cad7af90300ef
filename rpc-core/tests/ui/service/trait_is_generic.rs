#[rpc_core::service(id = 1, name = "desk", open)]
trait Desk<T> {
    #[rpc(opcode = 1)]
    fn ring(&self) -> rpc_core::Result<(), ()>;
}

fn main() {}
