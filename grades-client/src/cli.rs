//! The arguments of `grades`: what may stand on the command line, and the help that explains it. No command runs here,
//! and no secret is ever an argument: passwords come from a prompt or from standard input.

mod access;
mod marks;

use std::path::PathBuf;

use clap::{
    Args, Parser, Subcommand, ValueEnum,
    builder::{OsStringValueParser, TypedValueParser},
};

pub(crate) use access::{AccountCommand, SessionCommand};
pub(crate) use marks::{ColumnCoefficient, MarkCommand, PromotionCommand, StudentCommand};

/// Keep the marks of promotions: sign in, enter marks, read exact means.
#[derive(Debug, Parser)]
#[command(name = "grades", version, max_term_width = 100, propagate_version = true, after_long_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) options: Options,

    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What every command takes.
#[derive(Args, Debug)]
#[command(next_help_heading = "Common options")]
pub(crate) struct Options {
    /// The server; else the one of the session, else 127.0.0.1:7878
    #[arg(long, global = true, env = "GRADES_SERVER", value_name = "HOST:PORT")]
    pub(crate) server: Option<String>,

    /// How to print the result
    #[arg(long, global = true, value_enum, default_value_t = Output::Table)]
    pub(crate) output: Output,

    /// Where the session is remembered; else grades/session in the XDG state directory
    #[arg(long, global = true, env = "GRADES_SESSION_FILE", value_name = "FILE", value_parser = path_or_empty())]
    pub(crate) session_file: Option<PathBuf>,

    /// Encrypt, and trust a server whose certificate is of an authority in FILE (PEM); else as the session was begun
    #[arg(long, global = true, env = "GRADES_CA", value_name = "FILE", value_parser = path_or_empty())]
    pub(crate) ca: Option<PathBuf>,

    /// The certificate (PEM) to show to a server that asks for one
    #[arg(long, global = true, env = "GRADES_CERT", value_name = "FILE", value_parser = path_or_empty())]
    pub(crate) cert: Option<PathBuf>,

    /// The private key of the certificate (PEM)
    #[arg(long, global = true, env = "GRADES_KEY", value_name = "FILE", value_parser = path_or_empty())]
    pub(crate) key: Option<PathBuf>,
}

/// How a result is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Output {
    /// For people
    Table,
    /// For programs: one JSON object
    Json,
    /// For spreadsheets: a header and rows
    Csv,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Sign in and remember the session
    #[command(after_long_help = LOGIN)]
    Login {
        /// The name of the account
        name: String,
        #[command(flatten)]
        password: PasswordInput,
    },

    /// End the session and forget it
    Logout,

    #[command(flatten)]
    SignedIn(SignedInCommand),

    /// Show the whole service at work: a server, each role, every operation, over a real socket
    #[cfg(feature = "demo")]
    Demo {
        /// Also show every frame as annotated bytes
        #[arg(long)]
        wire: bool,
        /// Wait for a key before each scene; with `--wire` before each call
        #[arg(long)]
        step: bool,
    },
}

/// What takes a session.
#[derive(Debug, Subcommand)]
pub(crate) enum SignedInCommand {
    /// Show whose session it is and how long it lasts
    Whoami,

    /// Change one's own password; the account's other sessions end
    #[command(after_long_help = "With --password-stdin the first line is the password now, the second the new one.")]
    Passwd {
        #[command(flatten)]
        password: PasswordInput,
    },

    /// Create and list promotions
    #[command(subcommand)]
    Promotion(PromotionCommand),

    /// Enrol and remove students
    #[command(subcommand)]
    Student(StudentCommand),

    /// Enter and correct marks
    #[command(subcommand)]
    Mark(MarkCommand),

    /// Show the mean of a promotion, or of one student in it
    #[command(after_long_help = AVERAGE)]
    Average {
        /// The name of the promotion
        promotion: String,
        /// The student's number
        number: Option<String>,
    },

    /// List a promotion's students with their marks and means
    #[command(after_long_help = LIST)]
    List {
        /// The name of the promotion
        promotion: String,
        /// Only the student with this number
        number: Option<String>,
    },

    /// Add a whole sheet of marks at once, or nothing of it
    #[command(after_long_help = IMPORT)]
    Import {
        /// The name of the promotion
        promotion: String,
        /// The sheet: a CSV file; `-` for standard input
        file: PathBuf,
        /// The coefficient of a column's marks; 1 for columns not named
        #[arg(long = "coef", value_name = "COLUMN=C")]
        coefficients: Vec<ColumnCoefficient>,
        /// Only say what the import would do
        #[arg(long)]
        dry_run: bool,
    },

    /// Manage accounts (administrators)
    #[command(subcommand)]
    Account(AccountCommand),

    /// List and end sessions
    #[command(subcommand)]
    Session(SessionCommand),
}

/// Where a password comes from.
#[derive(Args, Clone, Copy, Debug)]
pub(crate) struct PasswordInput {
    /// Read the password from the first line of standard input instead of asking for it
    #[arg(long)]
    pub(crate) password_stdin: bool,
}

/// A path; an empty one too, which is how a shell unsets a variable for one command.
fn path_or_empty() -> impl TypedValueParser<Value = PathBuf> {
    OsStringValueParser::new().map(PathBuf::from)
}

const EXAMPLES: &str = "\
Examples:
  grades login ada
  grades promotion add L3
  grades student add L3 'Grace Hopper' --number 17
  grades mark add L3 17 14.5 --coef 2 --label exam
  grades average L3 17
  grades --output json list L3

Exit codes:
  0 ok                 3 can't reach the server   6 not found      9 deadline passed
  1 failure            4 not logged in            7 conflict
  2 wrong arguments    5 forbidden                8 invalid data";

const LOGIN: &str = "\
The session is kept in a file that only you can read; the command prints where. It is only ever sent to the server it
came from, and over TLS if that is how it came (--ca).

Examples:
  grades login ada
  grades --server grades.example:7878 --ca ca.pem login ada
  pass show grades | grades login ada --password-stdin";

const AVERAGE: &str = "\
A promotion's mean is the mean of its students' means. It is exact and rounded once, when shown. A student without any
counted mark has no mean, shown as -. A mean is provisional while a mark is awaited (ATT).

Examples:
  grades average L3
  grades average L3 17
  grades --output json average L3     {\"average\": \"11.43\", \"exact\": \"80/7\", \"counted\": …, …}";

const LIST: &str = "\
With a number the table has one row a mark, with the id that `mark set` takes. CSV always has one row a mark; a student
without marks has one row whose mark is empty. In CSV, a text that a spreadsheet would take for a formula is preceded by
an apostrophe. Students see their own marks with `grades list PROMOTION NUMBER`.";

const IMPORT: &str = "\
The first column is the student: a number, else a name that only one student has, else a new student who is enrolled
under both; a name that several students have is refused. Each further column is a mark, labelled with the column's header. Fields are separated by commas or by
semicolons; with semicolons, or in quotes, a decimal comma is fine. A mark is 14, 14.5, 14.5/20, 7/10, ABS (absent,
counts 0), EXC (excused) or ATT (awaited). One wrong cell refuses the whole file.

Examples:
  grades import L3 marks.csv --dry-run
  grades import L3 marks.csv --coef G1=1 --coef G2=1 --coef G3=2";

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn parse(line: &str) -> Result<Cli, clap::Error> {
        Cli::try_parse_from(line.split(' '))
    }

    #[test]
    fn the_definition_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_command_of_the_contract_parses() {
        #[track_caller]
        fn check(line: &str) {
            assert!(parse(line).is_ok(), "{line}: {}", parse(line).unwrap_err());
        }
        check("grades login ada");
        check("grades --server h:1 --output json --session-file s login ada --password-stdin");
        check("grades logout");
        check("grades whoami --output csv");
        check("grades passwd --password-stdin");
        check("grades promotion add L3");
        check("grades promotion list");
        check("grades student add L3 Ada --number 17");
        check("grades student remove L3 17");
        check("grades mark add L3 17 14.5 --coef 2 --label exam");
        check("grades mark add L3 17 -1 --coef 2");
        check("grades mark enter L3 oral.txt --label oral --coef 2");
        check("grades mark enter L3 - --label oral");
        check("grades mark set L3 17 exam 15 --reason typo --coef 3");
        check("grades mark history L3 17 exam");
        check("grades average L3");
        check("grades average L3 17");
        check("grades list L3");
        check("grades import L3 f.csv --coef G1=1 --coef G3=2 --dry-run");
        check("grades account add bob --role teacher --promotion L3 --promotion M1");
        check("grades account add carol --role student --student L3 17 --password-stdin");
        check("grades account list");
        check("grades account disable bob");
        check("grades account enable bob");
        check("grades account role bob administrator");
        check("grades account password bob --password-stdin");
        check("grades account attach bob L3");
        check("grades account detach bob L3");
        check("grades account bind carol L3 17");
        check("grades account unbind carol");
        check("grades session list");
        check("grades session list bob");
        check("grades session end 12");
        #[cfg(feature = "demo")]
        check("grades demo --wire --step");
    }

    #[test]
    fn what_does_not_fit_is_a_usage_error() {
        #[track_caller]
        fn check(line: &str) {
            assert_eq!(parse(line).map(|_| ()).unwrap_err().exit_code(), 2, "{line}");
        }
        check("grades");
        check("grades frobnicate");
        check("grades login");
        check("grades login ada secret");
        check("grades student add L3 Ada");
        check("grades mark set L3 17 exam 15");
        check("grades mark enter L3 oral.txt");
        check("grades import L3 f.csv --coef G1");
        check("grades account add bob");
        check("grades account add bob --role rector");
        check("grades account add bob --role student --student L3");
        check("grades session end twelve");
        check("grades --output xml promotion list");
    }
}
