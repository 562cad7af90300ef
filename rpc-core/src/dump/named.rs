//! What a number means in a message, by its descriptor.

use crate::{Field, Shape};

/// The fields that a message is known to have.
#[derive(Clone, Copy, Debug)]
pub(super) enum Named {
    /// Those of a descriptor.
    Fields(&'static [Field]),
    /// One: a body of a reply, a cell, a table of plain values, the values of an optional column.
    One(u16, &'static str, Shape),
    /// The entries of a map.
    Entry(fn() -> Shape, fn() -> Shape),
    /// Nothing is known of it.
    Unknown,
}

impl Named {
    /// The name and the structure of a field.
    pub(super) fn field(&self, number: u16) -> Option<(&'static str, Shape)> {
        let (name, shape) = match (self, number) {
            (Self::Fields(fields), _) => {
                let field = fields.iter().find(|field| field.number == number)?;
                (field.name, (field.shape)())
            }
            (Self::One(only, name, shape), _) if *only == number => (*name, *shape),
            (Self::Entry(key, _), 1) => ("key", key()),
            (Self::Entry(_, value), 2) => ("value", value()),
            _ => return None,
        };
        Some((name, required(shape)))
    }

    /// The columns of a table of such values.
    pub(super) fn rows(shape: &Shape) -> Self {
        match shape {
            Shape::List(item) => match required(item()) {
                Shape::Message(_, fields) => Self::Fields(fields),
                Shape::Secret => Self::Unknown,
                item => Self::One(1, "value", item),
            },
            Shape::Map(key, value) => Self::Entry(*key, *value),
            _ => Self::Unknown,
        }
    }
}

/// The structure of a value that is there.
fn required(shape: Shape) -> Shape {
    match shape {
        Shape::Optional(inner) => required(inner()),
        other => other,
    }
}
