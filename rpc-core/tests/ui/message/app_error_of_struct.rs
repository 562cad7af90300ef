use rpc_core::AppError;

#[derive(Debug, AppError)]
struct Failure {
    #[tag(1)]
    row: u32,
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "row {}", self.row)
    }
}

impl std::error::Error for Failure {}

fn main() {}
