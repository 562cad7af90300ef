//! Which passwords may be set: long, and not what an attacker tries first. No rule asks for digits or signs, and none is
//! applied at login: a password that was accepted stays good.

use std::collections::HashSet;

use grades_api::{AccountsError, model::Password};

use super::password::PASSWORD_BYTES_MAX;

/// Where the password is the only proof (NIST SP 800-63B-4).
const CHARS_MIN: usize = 15;

/// Longer than any sentence that people remember.
const CHARS_MAX: usize = 128;

/// What is left of a password without its guessable parts must have this many characters: fewer are tried in minutes.
const OWN_CHARS_MIN: usize = 5;

/// A text that repeats after so few characters is as good as one repetition.
const CYCLE_MAX: usize = 6;

/// Steps of one key or one letter, up or down, from which on they are a run and not chance.
const RUN_MIN: usize = 4;

/// An account's name this long may not stand in its password; a shorter one stands in many words by chance.
const NAME_MIN: usize = 4;

/// Whole passwords of at least 15 characters that lists of leaked passwords begin with.
const COMMON: &str = include_str!("common_passwords.txt");

/// What common passwords are made of, and the words of this service.
const WORDS: &str = include_str!("common_words.txt");

/// Rows of keyboards, along which fingers run.
const KEYBOARDS: [&str; 9] =
    ["1234567890", "qwertyuiop", "asdfghjkl", "zxcvbnm", "azertyuiop", "qsdfghjklm", "wxcvbn", "qwertzuiop", "yxcvbnm"];

/// Judges a password that an account is to be given.
pub(crate) fn check_new_password(account: &str, password: &Password) -> Result<(), AccountsError> {
    let text = password.expose();
    // Bytes first: nothing below looks at a text that is longer.
    if text.len() > PASSWORD_BYTES_MAX || !(CHARS_MIN..=CHARS_MAX).contains(&text.chars().count()) {
        return Err(AccountsError::PasswordLength);
    }
    let text: Vec<char> = text.to_lowercase().chars().collect();
    let account: Vec<char> = account.to_lowercase().chars().collect();
    if is_common(&text) || is_cycle(&text) || contains_name(&text, &account) || own_chars(&text) < OWN_CHARS_MIN {
        return Err(AccountsError::PasswordTooCommon);
    }
    Ok(())
}

/// Whether the letters and digits are those of a known password, however they are spaced.
fn is_common(text: &[char]) -> bool {
    let bare: String = text.iter().filter(|c| c.is_alphanumeric()).collect();
    let whole: String = text.iter().collect();
    COMMON.lines().any(|common| common == bare || common == whole)
}

fn is_cycle(text: &[char]) -> bool {
    (1..=CYCLE_MAX).any(|cycle| text.iter().zip(text.iter().skip(cycle)).all(|(a, b)| a == b))
}

fn contains_name(text: &[char], account: &[char]) -> bool {
    account.len() >= NAME_MIN && text.windows(account.len()).any(|window| window == account)
}

/// The characters that belong to no common word, no run and no year: what a guesser has to guess.
fn own_chars(text: &[char]) -> usize {
    let words: HashSet<&str> = WORDS.lines().collect();
    let mut own: usize = 0;
    let mut rest = text;
    while let Some((_, after_one)) = rest.split_first() {
        let guessable = word_at(rest, &words).max(run_at(rest)).max(year_at(rest));
        if guessable == 0 {
            own = own.saturating_add(1);
            rest = after_one;
        } else {
            rest = rest.get(guessable..).unwrap_or_default();
        }
    }
    own
}

/// The length of the longest common word at the start.
fn word_at(text: &[char], words: &HashSet<&str>) -> usize {
    let mut start = String::new();
    let mut longest = 0;
    // The longest word of the list has fewer characters.
    for (count, c) in (1..).zip(text.iter().take(16)) {
        start.push(unleet(*c));
        let spelt: String = text.iter().take(count).collect();
        if words.contains(start.as_str()) || words.contains(spelt.as_str()) {
            longest = count;
        }
    }
    longest
}

/// The letter that a digit or sign stands for in `p@ssw0rd`.
const fn unleet(c: char) -> char {
    match c {
        '0' => 'o',
        '1' | '!' => 'i',
        '3' => 'e',
        '4' | '@' => 'a',
        '5' | '$' => 's',
        '7' => 't',
        other => other,
    }
}

/// The length of the run at the start: one key again and again, or neighbours in the alphabet or on a keyboard.
fn run_at(text: &[char]) -> usize {
    let run = |step: &dyn Fn(char, char) -> bool| {
        let steps = text.iter().zip(text.iter().skip(1)).take_while(|(a, b)| step(**a, **b)).count();
        steps.saturating_add(1)
    };
    let next_letter = |a: char, b: char| {
        a.is_alphanumeric() && b.is_alphanumeric() && u32::from(a).checked_add(1) == Some(u32::from(b))
    };
    let next_key =
        |a: char, b: char| KEYBOARDS.iter().any(|row| row.chars().zip(row.chars().skip(1)).any(|keys| keys == (a, b)));
    let longest = [
        run(&|a, b| a == b),
        run(&next_letter),
        run(&|a, b| next_letter(b, a)),
        run(&next_key),
        run(&|a, b| next_key(b, a)),
    ];
    longest.into_iter().max().filter(|length| *length >= RUN_MIN).unwrap_or(0)
}

/// Four digits that are a year of someone's life.
fn year_at(text: &[char]) -> usize {
    match text {
        ['1', '9', a, b, ..] | ['2', '0', a, b, ..] if a.is_ascii_digit() && b.is_ascii_digit() => 4,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(password: &str, expected: Result<(), AccountsError>) {
        assert_eq!(check_new_password("leonardo", &Password::new(password)), expected, "{password:?}");
    }

    #[test]
    fn a_sentence_of_ones_own_is_accepted() {
        for password in [
            "seven lanterns over the quay",
            "fifteen char s.",
            "huître à l'étouffée",
            "un thé, deux pommes vertes",
            "x9#Lq2vT8$mZ4pRw",
        ] {
            check(password, Ok(()));
        }
    }

    #[test]
    fn length_is_counted_in_characters_and_bounded_in_bytes() {
        let own = "wolf tango marzipan ";
        let of_chars = |count| own.chars().cycle().take(count).collect::<String>();
        check(&of_chars(14), Err(AccountsError::PasswordLength));
        check(&of_chars(15), Ok(()));
        check(&of_chars(128), Ok(()));
        check(&of_chars(129), Err(AccountsError::PasswordLength));
        // Characters of four bytes: 128 of them are 512 bytes.
        let wide: String = ('\u{1f300}'..).step_by(3).take(128).collect();
        check(&wide, Ok(()));
        check(&format!("{wide}a"), Err(AccountsError::PasswordLength));
    }

    #[test]
    fn what_attackers_try_first_is_refused() {
        for password in [
            "passwordpassword",
            "Correct Horse Battery Staple",
            "aaaaaaaaaaaaaaaa",
            "abcabcabcabcabcabc",
            "1234567890123456",
            "qwertyuiop123456",
            "P@ssw0rdP@ssw0rd",
            "Password2024!!!!",
            "iloveyouiloveyou1987",
            "monkeydragon2026!",
            "grades-teacher-01",
            "azertyuiopqsdfgh",
            "zyxwvutsrqponmlk",
        ] {
            check(password, Err(AccountsError::PasswordTooCommon));
        }
    }

    #[test]
    fn the_accounts_own_name_is_refused() {
        check("leonardo leonardo", Err(AccountsError::PasswordTooCommon));
        check("the LEONARDO of Vinci", Err(AccountsError::PasswordTooCommon));
    }

    #[test]
    fn the_lists_are_what_they_say() {
        let long = COMMON.lines().filter(|line| line.chars().count() < 14).collect::<Vec<_>>();
        assert!(long.is_empty(), "too short to be anyone's: {long:?}");
        assert!(WORDS.lines().all(|word| word == word.to_lowercase() && (3..=16).contains(&word.len())));
    }
}
