/// Says things again.
#[rpc_core::service(id = 0x45, name = "echo", open)]
pub(crate) trait Echo {
    #[rpc(opcode = 1, idempotent)]
    fn echo(&self, words: &[String], #[tag(7)] row: Option<&Row<'_>>) -> rpc_core::Result<Vec<String>, EchoError>;

    #[cfg(feature = "shout")]
    #[deprecated = "use echo"]
    #[rpc(opcode = 2)]
    fn shout(&self, out: &[u8], request: Option<&[Row<'_>]>) -> rpc_core::Result<(), EchoError>;
}
