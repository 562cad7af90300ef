#[rpc_core::service(id = 0, name = "desk", open, retired(2))]
trait Desk {
    #[rpc(opcode = 2, idempotent, keyed)]
    fn ring(&mut self, times: usize) -> u32;

    #[rpc(opcode = 3, timeout = 1)]
    async fn knock(&self, (hard, times): (bool, u32)) -> rpc_core::Result<(), ()>;

    fn new(&self, #[tag(1)] other: &str, bell: &str) -> rpc_core::Result<Option<Option<u8>>, ()>;
}

fn main() {}
