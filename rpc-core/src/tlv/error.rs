//! What is wrong with bytes that do not decode: the fault, where it stands, and in which field.

use std::{error, fmt};

/// Why bytes are not the value that was asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DecodeError {
    /// The fault.
    pub kind: DecodeErrorKind,
    /// The offset of the fault from the start of the body, in bytes.
    pub offset: usize,
    /// The number of the outermost field in which it stands; 0 outside of any.
    pub field: u16,
}

/// The fault in bytes that do not decode.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum DecodeErrorKind {
    /// The bytes end inside a value.
    Truncated,
    /// Bytes are left where the value ends.
    TrailingBytes,
    /// A tag has the number 0.
    ZeroTag,
    /// The field has a kind that its type can't be read from.
    WrongKind,
    /// A field that must be there is missing.
    MissingField,
    /// A number does not fit its type, or is none of those the type allows.
    OutOfRange,
    /// Text is not UTF-8.
    NotUtf8,
    /// An array has another length than its type.
    WrongLength,
    /// A map has a key twice.
    DuplicateKey,
    /// An enum has a variant that this build does not know.
    UnknownVariant,
    /// The value breaks a rule of its type.
    Invalid,
    /// Messages are nested deeper than the limit.
    TooDeep,
    /// The decoded value would take more memory than the limit.
    TooMuchMemory,
    /// The message has more unknown fields than the limit.
    TooManyUnknownFields,
    /// A string is longer than the limit.
    StringTooLong,
    /// A table claims more rows than it has bytes.
    TooManyRows,
}

/// Why a value can't be encoded: it is over the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EncodeError {
    /// The limit, in bytes.
    pub bytes_max: usize,
}

impl DecodeError {
    /// The same error, said to stand in the field `number`; the outermost caller wins.
    #[must_use]
    pub const fn in_field(self, number: u16) -> Self {
        Self { field: number, ..self }
    }
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {} (field {})", self.kind, self.offset, self.field)
    }
}

impl error::Error for DecodeError {}

impl fmt::Display for DecodeErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Truncated => "the bytes end inside a value",
            Self::TrailingBytes => "bytes are left after the value",
            Self::ZeroTag => "a field has the number 0",
            Self::WrongKind => "a field has a kind that its type can't be read from",
            Self::MissingField => "a field is missing",
            Self::OutOfRange => "a number is out of range",
            Self::NotUtf8 => "text is not UTF-8",
            Self::WrongLength => "an array has the wrong length",
            Self::DuplicateKey => "a map has a key twice",
            Self::UnknownVariant => "an enum has an unknown variant",
            Self::Invalid => "a value breaks a rule of its type",
            Self::TooDeep => "messages are nested too deep",
            Self::TooMuchMemory => "the value would take too much memory",
            Self::TooManyUnknownFields => "there are too many unknown fields",
            Self::StringTooLong => "a string is too long",
            Self::TooManyRows => "a table has more rows than bytes",
        })
    }
}

impl fmt::Display for EncodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the value takes more than {} bytes", self.bytes_max)
    }
}

impl error::Error for EncodeError {}
