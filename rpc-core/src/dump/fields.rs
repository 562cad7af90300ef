//! The fields of a message, each by its tag.

use super::{
    column,
    lines::{Lines, Walk},
    named::Named,
    value,
};
use crate::{
    Shape,
    tlv::{Kind, Tag},
};

/// A tag that was just read, and what is known of its field.
pub(super) struct Found {
    pub(super) tag: Tag,
    /// `field 1 name`, or `unknown field 9`.
    pub(super) label: String,
    pub(super) name: &'static str,
    /// `None` if the number is unknown: then no byte of it is shown.
    pub(super) shape: Option<Shape>,
}

/// Annotates a message to its end.
pub(super) fn message(walk: &mut Walk<'_>, named: &Named, depth: usize, lines: &mut Lines) {
    while !walk.is_empty() {
        let start = walk.mark();
        if next(walk, start, named, depth, lines).is_none() {
            *walk = start;
            return lines.hidden_rest(walk, depth, "no field: the bytes end, or make no sense");
        }
    }
}

/// Reads a tag; `noun` is what it names.
pub(super) fn tag(walk: &mut Walk<'_>, named: &Named, noun: &str) -> Option<Found> {
    let byte = walk.u8()?;
    let number = match byte >> 3 {
        0 => return None,
        Tag::NUMBER_FOLLOWS => walk.u16().filter(|number| *number > 0)?,
        short => u16::from(short),
    };
    let tag = Tag { number, kind: Kind::from_tag_byte(byte) };
    Some(match named.field(number) {
        Some((name, shape)) => {
            // A position, as Rust writes it, so that it is not taken for the number.
            let dot = if name.starts_with(|first: char| first.is_ascii_digit()) { "." } else { "" };
            Found { tag, label: format!("{noun} {number} {dot}{name}"), name, shape: Some(shape) }
        }
        None => Found { tag, label: format!("unknown {noun} {number}"), name: "", shape: None },
    })
}

fn next(walk: &mut Walk<'_>, start: Walk<'_>, named: &Named, depth: usize, lines: &mut Lines) -> Option<()> {
    let Found { tag: Tag { kind, .. }, label, shape, .. } = tag(walk, named, "field")?;
    if kind == Kind::Ext {
        walk.u8()?;
    }
    let bytes = match (kind.width(), kind) {
        (Some(width), _) => width,
        (None, Kind::Short) => usize::from(walk.u8()?),
        (None, _) => walk.length()?,
    };
    let mut content = walk.cut(bytes)?;
    let inner = depth.saturating_add(1);
    match (shape, kind) {
        (Some(Shape::Message(name, fields)), Kind::Long) if depth < DEPTH_MAX => {
            lines.since(&content, start, depth, format!("{label}: a message of {bytes} bytes, {name}"));
            message(&mut content, &Named::Fields(fields), inner, lines);
        }
        (Some(Shape::Enum(name, variants)), Kind::Long) if depth < DEPTH_MAX => {
            lines.since(&content, start, depth, format!("{label}: {bytes} bytes, a variant of {name}"));
            variant(&mut content, variants, inner, lines);
        }
        (Some(shape @ (Shape::List(_) | Shape::Map(..))), Kind::Table) if depth < DEPTH_MAX => {
            lines.since(&content, start, depth, format!("{label}: a table of {bytes} bytes"));
            column::table(&mut content, &shape, inner, lines);
        }
        (Some(shape), kind) if fits(&shape, kind) => {
            lines.since(walk, start, depth, format!("{label}: {}", value::text(&shape, content.rest())));
        }
        (shape, _) => {
            let why = value::why_hidden(shape);
            lines.since_hiding(walk, start, content, depth, format!("{label}: {bytes} bytes, {why}"));
        }
    }
    Some(())
}

/// Whether a value without inner fields has this kind.
pub(super) fn fits(shape: &Shape, kind: Kind) -> bool {
    match shape {
        Shape::Value("str") => matches!(kind, Kind::Short | Kind::Long),
        Shape::Value("characters" | "bytes") => !matches!(kind, Kind::Table | Kind::Ext),
        Shape::Value(_) | Shape::Enum(..) => kind.width().is_some(),
        Shape::List(_) => matches!(kind, Kind::Short | Kind::Long),
        _ => false,
    }
}

/// A variant with data: its number and its fields.
fn variant(
    walk: &mut Walk<'_>,
    variants: &[(u32, &'static str, &'static [crate::Field])],
    depth: usize,
    lines: &mut Lines,
) {
    let start = walk.mark();
    let Some(number) = walk.u32() else { return lines.hidden_rest(walk, depth, "no number of a variant") };
    let known = variants.iter().find(|(known, ..)| *known == number);
    let name = known.map_or("unknown", |(_, name, _)| name);
    lines.since(walk, start, depth, format!("variant {number}, {name}"));
    let named = known.map_or(Named::Unknown, |(_, _, fields)| Named::Fields(fields));
    message(walk, &named, depth, lines);
}

/// How deep a dump follows messages: deeper than any that decodes, shallow enough for every stack.
const DEPTH_MAX: usize = 64;
