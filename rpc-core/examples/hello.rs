//! The first thing to read: a trait, its handler, its server, and a call of it over a socket. `README.md` shows this file.
use std::{convert::Infallible, error::Error};

use rpc_core::{Channel, Result, Server};

#[rpc_core::service(id = 1, name = "greeter", open)]
trait Greeter {
    #[rpc(opcode = 1, idempotent)]
    fn greet(&self, name: &str) -> Result<String, Infallible>;
}

struct Polite;

impl Greeter for Polite {
    fn greet(&self, name: &str) -> Result<String, Infallible> {
        Ok(format!("Good morning, {name}!"))
    }
}

fn main() -> std::result::Result<(), Box<dyn Error>> {
    let server = Server::builder().service(GreeterDispatch::new(Polite)).bind("127.0.0.1:0")?;
    let greeter = GreeterClient::new(Channel::connect(&server.address().to_string())?);
    println!("{}", greeter.greet("Ada")?);
    Ok(())
}
