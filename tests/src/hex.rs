//! Byte literals that can be read beside `docs/protocol.md`: hexadecimal digits, white space, and comments after `#`.

/// The bytes of a hexadecimal text.
///
/// # Panics
/// A character is no hexadecimal digit, or a digit stands alone.
#[must_use]
pub fn hex(text: &str) -> Vec<u8> {
    let digits: Vec<u8> = text
        .lines()
        .flat_map(|line| line.split('#').next().unwrap_or_default().chars())
        .filter(|character| !character.is_whitespace())
        .map(|character| {
            let digit = character.to_digit(16).unwrap_or_else(|| panic!("{character:?} is no hexadecimal digit"));
            u8::try_from(digit).expect("a digit is below 16")
        })
        .collect();
    assert!(digits.len().is_multiple_of(2), "a digit stands alone in {text:?}");
    digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
}

#[cfg(test)]
mod tests {
    use super::hex;

    #[test]
    fn white_space_and_comments_do_not_count() {
        assert_eq!(hex("01 fF # tag\n  00a0"), [0x01, 0xff, 0x00, 0xa0]);
        assert!(hex("").is_empty());
    }

    #[test]
    #[should_panic(expected = "stands alone")]
    fn half_a_byte_is_refused() {
        let _ = hex("012");
    }
}
