use rpc_core::AppError;

#[derive(Debug, AppError)]
enum Failure {
    #[tag(1)]
    NotFound,
}

fn main() {}
