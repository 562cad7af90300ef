//! What the bytes of one value say.

use crate::Shape;

/// A value of fixed size, or a string.
pub(super) fn text(shape: &Shape, bytes: &[u8]) -> String {
    match shape {
        Shape::Value("bool") => match bytes {
            [0] => "false".to_owned(),
            [1] => "true".to_owned(),
            _ => format!("{}, no bool", integer(bytes)),
        },
        Shape::Value("i8" | "i16" | "i32" | "i64" | "i128") => grouped(&signed(bytes).to_string()),
        Shape::Value("f32" | "f64") => float(bytes),
        Shape::Value("str" | "characters") => match str::from_utf8(bytes) {
            Ok(text) => format!("{text:?}"),
            Err(_) => format!("{} bytes, no UTF-8", bytes.len()),
        },
        Shape::Value("bytes") => count(bytes),
        Shape::Enum(_, variants) => {
            let number = integer(bytes);
            let variant = variants.iter().find(|(known, ..)| u128::from(*known) == number);
            variant.map_or_else(|| format!("{number}, unknown"), |(_, name, _)| format!("{number}, {name}"))
        }
        Shape::List(item) => match width(&item()) {
            Some(width) => list(bytes.chunks(width).map(|bytes| text(&item(), bytes))),
            None => count(bytes),
        },
        Shape::Value(_) => grouped(&integer(bytes).to_string()),
        _ => count(bytes),
    }
}

fn count(bytes: &[u8]) -> String {
    if bytes.len() == 1 { "1 byte".to_owned() } else { format!("{} bytes", bytes.len()) }
}

/// Why the bytes of a value are not shown.
pub(super) const fn why_hidden(shape: Option<Shape>) -> &'static str {
    match shape {
        Some(Shape::Secret) => "hidden",
        Some(_) => "of the wrong kind",
        None => "not shown",
    }
}

/// Several values on one line; of many, the first.
pub(super) fn list(values: impl Iterator<Item = String>) -> String {
    let mut values = values.peekable();
    let mut text: Vec<_> = values.by_ref().take(LISTED).collect();
    if values.peek().is_some() {
        text.push("…".to_owned());
    }
    text.join(", ")
}

/// Bytes of an element of a packed list.
fn width(shape: &Shape) -> Option<usize> {
    match shape {
        Shape::Value("bool" | "u8" | "i8") => Some(1),
        Shape::Value("u16" | "i16" | "u32" | "i32" | "f32") => Some(4),
        Shape::Value("u64" | "i64" | "f64") => Some(8),
        Shape::Value("u128" | "i128") => Some(16),
        _ => None,
    }
}

/// An unsigned integer of as many bytes as there are.
fn integer(bytes: &[u8]) -> u128 {
    bytes.iter().rev().fold(0, |number, byte| number.wrapping_mul(0x100).wrapping_add(u128::from(*byte)))
}

/// The same, with the sign of its width.
fn signed(bytes: &[u8]) -> i128 {
    let negative = bytes.last().is_some_and(|byte| *byte >= 0x80);
    let filled: Vec<u8> =
        bytes.iter().copied().chain(std::iter::repeat(if negative { 0xff } else { 0 })).take(16).collect();
    filled.first_chunk().copied().map_or(0, i128::from_le_bytes)
}

fn float(bytes: &[u8]) -> String {
    match (bytes.first_chunk(), bytes.first_chunk()) {
        (_, Some(bytes)) => f64::from_le_bytes(*bytes).to_string(),
        (Some(bytes), None) => f32::from_le_bytes(*bytes).to_string(),
        (None, None) => count(bytes),
    }
}

/// A number with its thousands apart, as in documents.
fn grouped(digits: &str) -> String {
    let (sign, digits) = digits.strip_prefix('-').map_or(("", digits), |digits| ("-", digits));
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    format!("{sign}{}", groups.join(","))
}

/// Values that are listed on one line: more are no easier to read than the hex.
const LISTED: usize = 12;
