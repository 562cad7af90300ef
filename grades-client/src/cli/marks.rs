//! The commands on promotions, students and marks.

use std::{path::PathBuf, str::FromStr};

use clap::Subcommand;

/// What to do with promotions.
#[derive(Debug, Subcommand)]
pub(crate) enum PromotionCommand {
    /// Create a promotion (administrators)
    Add {
        /// Its name; unique
        name: String,
    },
    /// List the promotions that you may see
    List,
}

/// What to do with students.
#[derive(Debug, Subcommand)]
pub(crate) enum StudentCommand {
    /// Enrol a student in a promotion
    #[command(after_long_help = "Example:\n  grades student add L3 'Grace Hopper' --number 17")]
    Add {
        /// The name of the promotion
        promotion: String,
        /// The student's name
        name: String,
        /// The student's number, unique in the promotion; text, such as GP-0017
        #[arg(long, value_name = "N", allow_hyphen_values = true)]
        number: String,
    },
    /// Remove a student from a promotion, with their marks
    Remove {
        /// The name of the promotion
        promotion: String,
        /// The student's number
        number: String,
    },
}

/// What to do with marks.
#[derive(Debug, Subcommand)]
pub(crate) enum MarkCommand {
    /// Give a student a mark
    #[command(after_long_help = ADD)]
    Add {
        /// The name of the promotion
        promotion: String,
        /// The student's number
        number: String,
        /// 14, 14.5, 14,5, 7/10, ABS, EXC or ATT
        #[arg(allow_negative_numbers = true)]
        value: String,
        /// How much the mark weighs; 0 is shown and not counted
        #[arg(long = "coef", value_name = "C", default_value = "1", allow_negative_numbers = true)]
        coefficient: String,
        /// What the mark was given for
        #[arg(long, value_name = "TEXT", default_value = "")]
        label: String,
    },
    /// Give many students the marks of one test, all of them or none
    #[command(after_long_help = ENTER)]
    Enter {
        /// The name of the promotion
        promotion: String,
        /// A file with a line a student, the number and the mark; `-` for standard input
        file: PathBuf,
        /// How much each mark weighs; 0 is shown and not counted
        #[arg(long = "coef", value_name = "C", default_value = "1", allow_negative_numbers = true)]
        coefficient: String,
        /// What the marks were given for; a student who has a mark of this label gets no second one
        #[arg(long, value_name = "TEXT")]
        label: String,
    },
    /// Correct a mark; its history keeps the one before
    #[command(after_long_help = SET)]
    Set {
        /// The name of the promotion
        promotion: String,
        /// The student's number
        number: String,
        /// The mark: the id that `list` shows, or a label that only one of the student's marks has
        mark: String,
        /// 14, 14.5, 14,5, 7/10, ABS, EXC or ATT
        #[arg(allow_negative_numbers = true)]
        value: String,
        /// How much the mark weighs from now on; else as before
        #[arg(long = "coef", value_name = "C", allow_negative_numbers = true)]
        coefficient: Option<String>,
        /// Why the mark is corrected
        #[arg(long, value_name = "TEXT")]
        reason: String,
    },
    /// Show the corrections of a mark
    History {
        /// The name of the promotion
        promotion: String,
        /// The student's number
        number: String,
        /// The mark: the id that `list` shows, or a label that only one of the student's marks has
        mark: String,
    },
}

/// A `--coef COLUMN=C` of an import. The coefficient is judged with the file, so that it is refused like a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ColumnCoefficient {
    pub(crate) column: String,
    pub(crate) coefficient: String,
}

impl FromStr for ColumnCoefficient {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // The last sign separates: a header may contain one, a coefficient can't.
        let (column, coefficient) = text.rsplit_once('=').ok_or("write COLUMN=C, such as G3=2")?;
        Ok(Self { column: column.trim().to_owned(), coefficient: coefficient.to_owned() })
    }
}

const ADD: &str = "\
Examples:
  grades mark add L3 17 14.5 --coef 2 --label exam
  grades mark add L3 17 7/10 --label quiz
  grades mark add L3 17 ABS --coef 2 --label exam";

const ENTER: &str = "\
A line is a student's number, then the mark, with a blank, a tab or a semicolon between them: what is typed, or pasted
from two columns of a sheet. A mark is 14, 14.5, 14,5, 14.5/20, 7/10, ABS, EXC or ATT. Nobody is enrolled, and one wrong
line refuses them all; each wrong line is named.

Examples:
  grades mark enter L3 oral.txt --label oral --coef 2
  printf '17 14.5\\n18 ABS\\n' | grades mark enter L3 - --label oral";

const SET: &str = "\
The mark is read first and corrected only if nobody corrected it meanwhile.

Examples:
  grades mark set L3 17 exam 15 --reason 'page 2 was not counted'
  grades mark set L3 17 42 15 --coef 1 --reason 'wrong coefficient'";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_sign_separates_a_column_from_its_coefficient() {
        #[track_caller]
        fn check(text: &str, expected: Option<(&str, &str)>) {
            let parsed = text.parse::<ColumnCoefficient>().ok();
            assert_eq!(parsed.as_ref().map(|c| (c.column.as_str(), c.coefficient.as_str())), expected, "{text}");
        }
        check("G1=2", Some(("G1", "2")));
        check("a=b=0.5", Some(("a=b", "0.5")));
        check("G1", None);
    }
}
