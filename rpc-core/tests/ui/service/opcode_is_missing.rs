#[rpc_core::service(id = 1, name = "desk", open, retired(7))]
trait Desk {
    #[rpc(opcode = 3)]
    fn ring(&self) -> rpc_core::Result<(), ()>;

    #[rpc(idempotent)]
    fn knock(&self) -> rpc_core::Result<(), ()>;

    #[rpc]
    fn wait(&self) -> rpc_core::Result<(), ()>;
}

fn main() {}
