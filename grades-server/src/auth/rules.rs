//! Which passwords may be set: long, and not what an attacker tries first. No rule asks for digits or signs, and none is
//! applied at login: a password that was accepted stays good.

use grades_api::{AccountsError, model::Password};

use super::password::PASSWORD_BYTES_MAX;

/// Where the password is the only proof (NIST SP 800-63B-4).
const CHARS_MIN: usize = 15;

/// Longer than any sentence that people remember.
const CHARS_MAX: usize = 128;

/// A text that is one piece of so many characters again and again is as good as the piece: a common word is shorter.
const PIECE_MAX: usize = 10;

/// Whole passwords of at least 15 characters that lists of leaked passwords begin with, and walks over a keyboard.
const COMMON: &str = include_str!("common_passwords.txt");

/// Judges a password that an account is to be given.
pub(crate) fn check_new_password(account: &str, password: &Password) -> Result<(), AccountsError> {
    let text = password.expose();
    // Bytes first: nothing below looks at a text that is longer.
    if text.len() > PASSWORD_BYTES_MAX || !(CHARS_MIN..=CHARS_MAX).contains(&text.chars().count()) {
        return Err(AccountsError::PasswordLength);
    }
    let text = text.to_lowercase();
    if is_common(&text) || is_repetition(&text) || is_made_of(&account.to_lowercase(), &text) {
        return Err(AccountsError::PasswordTooCommon);
    }
    Ok(())
}

/// Whether the letters and digits are those of a known password, however they are spaced.
fn is_common(text: &str) -> bool {
    let bare: String = text.chars().filter(|c| c.is_alphanumeric()).collect();
    COMMON.lines().any(|common| common == bare || common == text)
}

/// Whether the text is one short piece again and again.
fn is_repetition(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    (1..=PIECE_MAX).any(|piece| chars.iter().zip(chars.iter().skip(piece)).all(|(a, b)| a == b))
}

/// Whether nothing but digits and signs stands beside the account's own name.
fn is_made_of(account: &str, text: &str) -> bool {
    text.contains(account) && !text.replace(account, "").contains(char::is_alphabetic)
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
            "aaaaaaaaaaaaaaaa",
            "abcabcabcabcabcabc",
            "1234567890123456",
            "qwertyuiop123456",
            "P@ssw0rdP@ssw0rd",
            "Change me, change me!",
            "azertyuiopqsdfgh",
            "zyxwvutsrqponmlk",
        ] {
            check(password, Err(AccountsError::PasswordTooCommon));
        }
    }

    #[test]
    fn a_piece_of_ten_characters_is_no_better_for_being_repeated_and_one_of_eleven_is_a_password() {
        check(&"gingerbrea".repeat(2), Err(AccountsError::PasswordTooCommon));
        check(&"gingerbread".repeat(2), Ok(()));
    }

    #[test]
    fn the_accounts_own_name_is_refused() {
        check("leonardo leonardo", Err(AccountsError::PasswordTooCommon));
        check("LEONARDO 15041452", Err(AccountsError::PasswordTooCommon));
        check("the LEONARDO of Vinci", Ok(()));
    }

    #[test]
    fn the_list_is_what_it_says() {
        let short: Vec<_> = COMMON.lines().filter(|line| line.chars().count() < CHARS_MIN).collect();
        assert!(short.is_empty(), "refused for their length before: {short:?}");
        assert!(COMMON.lines().is_sorted(), "a sorted list shows what it has");
        assert!(COMMON.lines().all(|line| line == line.to_lowercase() && line.chars().all(char::is_alphanumeric)));
    }
}
