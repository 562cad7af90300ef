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

/// The further kinds of columns, named by the byte after an EXT tag (Wire §5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ExtKind {
    /// Optional values: a bitmap, then one column of the values that are there.
    Opt = 1,
    /// Messages: the columns of their fields.
    Group = 2,
    /// Anything else: lengths, then each value as a message of its own.
    Cells = 3,
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
    #[inline]
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

    /// Bytes of a value of this kind, if they are always as many.
    #[inline]
    #[must_use]
    pub const fn width(self) -> Option<usize> {
        match self {
            Self::F1 => Some(1),
            Self::F4 => Some(4),
            Self::F8 => Some(8),
            Self::F16 => Some(16),
            Self::Short | Self::Long | Self::Table | Self::Ext => None,
        }
    }

    /// The kind of values that always take `width` bytes, if there is one.
    #[must_use]
    pub const fn of_width(width: usize) -> Option<Self> {
        match width {
            1 => Some(Self::F1),
            4 => Some(Self::F4),
            8 => Some(Self::F8),
            16 => Some(Self::F16),
            _ => None,
        }
    }
}

impl Tag {
    /// The number in a tag byte that says: the number follows as a u16.
    pub const NUMBER_FOLLOWS: u8 = 31;

    /// The tag as one byte, where its number is small enough to stand in it.
    #[inline]
    #[must_use]
    pub const fn byte(self) -> Option<u8> {
        let [low, high] = self.number.to_le_bytes();
        if high == 0 && low < Self::NUMBER_FOLLOWS { Some(low << 3 | self.kind as u8) } else { None }
    }

    /// How many bytes the tag takes.
    #[inline]
    pub(super) const fn bytes(self) -> usize {
        if self.byte().is_some() { 1 } else { 3 }
    }

    /// Puts the tag in its place, which is as long as it is.
    #[inline(always)]
    pub(super) fn put(self, place: &mut [u8]) {
        if let Some(byte) = self.byte() {
            place.copy_from_slice(&[byte]);
        } else {
            let [low, high] = self.number.to_le_bytes();
            place.copy_from_slice(&[Self::NUMBER_FOLLOWS << 3 | self.kind as u8, low, high]);
        }
    }
}
