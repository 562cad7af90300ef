//! Tags: the number of a field and its kind. The kind alone says how to skip a field (Wire §4.1).

/// How the bytes after a tag are laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Kind {
    /// One byte.
    F1 = 0,
    /// Four bytes.
    F4 = 1,
    /// Eight bytes.
    F8 = 2,
    /// Sixteen bytes.
    F16 = 3,
    /// A u8 length, then that many bytes.
    Short = 4,
    /// A u32 length, then that many bytes.
    Long = 5,
    /// A u32 length, then that many bytes: a u32 count of rows and the columns.
    Table = 6,
    /// A byte that names a further kind, a u32 length, then that many bytes.
    Ext = 7,
}

/// What stands before every field.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Tag {
    /// The number of the field inside its message; 1 to 65,535.
    pub number: u16,
    /// How its bytes are laid out.
    pub kind: Kind,
}

impl Kind {
    /// The kind in the low three bits of a tag byte.
    #[must_use]
    pub const fn from_tag_byte(byte: u8) -> Self {
        match byte & 7 {
            0 => Self::F1,
            1 => Self::F4,
            2 => Self::F8,
            3 => Self::F16,
            4 => Self::Short,
            5 => Self::Long,
            6 => Self::Table,
            _ => Self::Ext,
        }
    }
}

impl Tag {
    /// The number in a tag byte that says: the number follows as a u16.
    pub const NUMBER_FOLLOWS: u8 = 31;
}
