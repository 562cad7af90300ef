/// The books of a library.
#[rpc_core::service(id = 0x4c, name = "library", access = Access, retired(2))]
pub trait Library: Send + Sync {
    /// The titles on a shelf.
    #[rpc(opcode = 1, access = Access::Public, idempotent)]
    fn titles(&self, shelf: u32) -> rpc_core::Result<Vec<String>, LibraryError>;

    /// Lends a book.
    #[rpc(opcode = 4, access = Access::Reader, keyed, deadline = "2s")]
    fn lend(&self, title: &str, card: &Card, days: Option<u16>) -> rpc_core::Result<Loan, LibraryError>;

    /// Sorts all books again.
    #[rpc(opcode = 3, access = Access::Librarian, slow)]
    fn sort(&self) -> rpc_core::Result<(), LibraryError>;
}
