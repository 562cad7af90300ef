#[rpc_core::service(id = 1, name = "desk", open)]
trait Desk {
    #[rpc(opcode = 1)]
    fn ring(&self, (bell, times): (u32, u32)) -> rpc_core::Result<(), ()>;

    #[rpc(opcode = 1)]
    fn knock(&self, #[tag(1)] times: u32) -> rpc_core::Result<(), ()>;
}

struct Porter;

impl Desk for Porter {
    fn ring(&self, _bell: (u32, u32)) -> rpc_core::Result<(), ()> {
        Ok(())
    }

    fn knock(&self, _times: u32) -> rpc_core::Result<(), ()> {
        Ok(())
    }
}

fn both(desk: &dyn Desk) -> rpc_core::Result<(), ()> {
    desk.ring((1, 2))?;
    desk.knock(3)
}

pub fn call() {
    let _ = both(&Porter);
}

fn main() {}
