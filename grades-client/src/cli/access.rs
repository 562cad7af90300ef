//! The commands on accounts and sessions.

use clap::Subcommand;
use grades_api::model::Role;

use super::PasswordInput;

/// What to do with accounts.
#[derive(Debug, Subcommand)]
pub(crate) enum AccountCommand {
    /// Make an account
    #[command(after_long_help = ADD)]
    Add {
        /// The name to sign in with; unique
        name: String,
        /// What the account may do: administrator, teacher or student
        #[arg(long)]
        role: Role,
        /// A promotion to attach a teacher to; may be repeated
        #[arg(long = "promotion", value_name = "PROMOTION", conflicts_with = "student")]
        promotions: Vec<String>,
        /// The student that a student account is
        #[arg(long, num_args = 2, value_names = ["PROMOTION", "N"])]
        student: Option<Vec<String>>,
        #[command(flatten)]
        password: PasswordInput,
    },
    /// List all accounts
    List,
    /// Keep an account from signing in, and end its sessions
    Disable {
        /// The name of the account
        name: String,
    },
    /// Let an account sign in again; clears a lock
    Enable {
        /// The name of the account
        name: String,
    },
    /// Change what an account may do; its sessions end and it is detached from everything
    Role {
        /// The name of the account
        name: String,
        /// What it may do from now on: administrator, teacher or student
        role: Role,
    },
    /// Give an account another password; its sessions end
    Password {
        /// The name of the account
        name: String,
        #[command(flatten)]
        password: PasswordInput,
    },
    /// Give a teacher a promotion
    Attach {
        /// The name of the teacher's account
        name: String,
        /// The name of the promotion
        promotion: String,
    },
    /// Take a promotion from a teacher
    Detach {
        /// The name of the teacher's account
        name: String,
        /// The name of the promotion
        promotion: String,
    },
    /// Say which student a student account is
    Bind {
        /// The name of the student's account
        name: String,
        /// The name of the promotion
        promotion: String,
        /// The student's number
        number: String,
    },
    /// Take the student from a student account
    Unbind {
        /// The name of the student's account
        name: String,
    },
}

/// What to do with sessions.
#[derive(Debug, Subcommand)]
pub(crate) enum SessionCommand {
    /// List the live sessions of an account
    List {
        /// Whose; else your own. Others' are for administrators
        name: Option<String>,
    },
    /// End a session
    End {
        /// The handle that `session list` shows
        handle: u64,
    },
}

const ADD: &str = "\
Examples:
  grades account add alan --role teacher --promotion L3 --promotion M1
  grades account add grace --role student --student L3 17
  grades account add root2 --role administrator --password-stdin < password.txt";
