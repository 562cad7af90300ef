/// Why a mark could not be added.
#[derive(AppError)]
pub enum Failure {
    #[tag(1)]
    NotFound,
    #[tag(2)]
    Conflict {
        #[tag(1)]
        current: u32,
    },
    #[unknown]
    Other(u32),
}

/// What an account may do.
#[derive(Message)]
pub enum Role {
    #[tag(1)]
    Teacher,
    #[tag(2)]
    Student,
}
