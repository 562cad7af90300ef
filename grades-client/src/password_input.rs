//! Passwords as they come in: from a prompt without echo, or from standard input. Never from an argument, which every
//! process of the machine can read.

use std::io::{self, BufRead, BufReader, IsTerminal as _, Read};

use grades_api::model::Password;

use crate::{
    cli::PasswordInput,
    failure::{Exit, Failure},
};

/// Where the passwords of one command come from.
pub(crate) enum Passwords {
    Prompt,
    Lines(Box<dyn BufRead>),
}

impl Passwords {
    pub(crate) fn from_input(input: PasswordInput) -> Self {
        match input.password_stdin {
            true => Self::lines(io::stdin().lock()),
            false => Self::Prompt,
        }
    }

    fn lines(input: impl Read + 'static) -> Self {
        Self::Lines(Box::new(BufReader::new(input.take(BYTES_MAX))))
    }

    /// A password that exists: asked for once.
    pub(crate) fn existing(&mut self, what: &str) -> Result<Password, Failure> {
        match self {
            Self::Prompt => prompt(what),
            Self::Lines(input) => line(input, what),
        }
    }

    /// A password to be: a prompt asks twice, because nobody sees what they type.
    pub(crate) fn new_one(&mut self, what: &str) -> Result<Password, Failure> {
        match self {
            Self::Prompt => {
                let first = prompt(what)?;
                if first != prompt(&format!("{what}, once more"))? {
                    return Err(Failure::invalid("the two passwords differ").hint("type them again"));
                }
                Ok(first)
            }
            Self::Lines(input) => line(input, what),
        }
    }
}

/// Bounds what is read: two passwords of at most 512 bytes each, with room so that a longer one is refused as too long
/// by the server rather than cut here.
const BYTES_MAX: u64 = 4096;

fn prompt(what: &str) -> Result<Password, Failure> {
    // Where standard input is no terminal nobody is there to answer: a script must not wait for ever.
    let typed = match io::stdin().is_terminal() {
        true => rpassword::prompt_password(format!("{what}: ")),
        false => Err(io::Error::other("standard input is no terminal")),
    };
    typed.map(Password::new).map_err(|error| {
        Failure::new(Exit::Failure, format!("can't ask for the {}: {error}", what.to_lowercase()))
            .hint("give it on the first line of standard input with --password-stdin")
    })
}

fn line(input: &mut dyn BufRead, what: &str) -> Result<Password, Failure> {
    let mut text = String::new();
    input.read_line(&mut text).map_err(|error| {
        Failure::invalid(format!("can't read the {} from standard input: {error}", what.to_lowercase()))
            .hint("passwords are UTF-8 text")
    })?;
    // Only the end of the line goes: spaces belong to the password.
    let end = text.trim_end_matches(['\n', '\r']).len();
    text.truncate(end);
    if text.is_empty() {
        return Err(Failure::invalid(format!("standard input has no line for the {}", what.to_lowercase()))
            .hint("give each password on a line of its own"));
    }
    Ok(Password::new(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_standard_input_are_passwords_as_they_stand() {
        let mut input = Passwords::lines(" correct horse battery \r\nthe next one\nrest".as_bytes());
        assert_eq!(input.existing("Password").unwrap().expose(), " correct horse battery ");
        assert_eq!(input.new_one("New password").unwrap().expose(), "the next one");
        assert_eq!(input.existing("Password").unwrap().expose(), "rest");
        assert_eq!(input.existing("Password").unwrap_err().exit, Exit::InvalidData);
    }

    #[test]
    fn a_line_that_is_empty_or_no_text_is_refused() {
        #[track_caller]
        fn check(input: &'static [u8]) {
            assert_eq!(Passwords::lines(input).existing("Password").unwrap_err().exit, Exit::InvalidData);
        }
        check(b"");
        check(b"\n");
        check(b"\r\nlater");
        check(b"\xff\xfe\n");
    }
}
