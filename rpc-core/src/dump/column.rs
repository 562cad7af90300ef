//! Tables: the count of rows, then every column with the values of all rows.

use super::{
    fields::{self, Found},
    lines::{Lines, Walk},
    named::Named,
    value,
};
use crate::{
    Shape,
    tlv::{ExtKind, Kind},
};

/// What a column's annotation needs beside its bytes.
#[derive(Clone, Copy)]
struct Place {
    rows: usize,
    depth: usize,
}

/// Annotates a table: the count of its rows and its columns.
pub(super) fn table(walk: &mut Walk<'_>, shape: &Shape, depth: usize, lines: &mut Lines) {
    let start = walk.mark();
    let Some(rows) = walk.length() else { return lines.hidden_rest(walk, depth, "no count of rows") };
    lines.since(walk, start, depth, format!("{rows} rows"));
    columns(walk, &Named::rows(shape), Place { rows, depth }, lines);
}

fn columns(walk: &mut Walk<'_>, named: &Named, place: Place, lines: &mut Lines) {
    while !walk.is_empty() {
        let start = walk.mark();
        if next(walk, start, named, place, lines).is_none() {
            *walk = start;
            return lines.hidden_rest(walk, place.depth, "no column: the bytes end, or make no sense");
        }
    }
}

fn next(walk: &mut Walk<'_>, start: Walk<'_>, named: &Named, place: Place, lines: &mut Lines) -> Option<()> {
    if walk.rest().first() == Some(&0) {
        walk.take(place.rows.checked_add(1)?)?;
        lines.since(walk, start, place.depth, "padding, a byte a row");
        return Some(());
    }
    let found = fields::tag(walk, named, "column")?;
    match found.tag.kind {
        Kind::Ext => further(walk, start, &found, place, lines),
        Kind::Table => {
            let length = walk.length()?;
            let mut inner = walk.cut(length)?;
            match found.shape {
                Some(shape @ (Shape::List(_) | Shape::Map(..))) if place.depth < DEPTH_MAX => {
                    lines.since(&inner, start, place.depth, format!("{}: lists, {length} bytes", found.label));
                    lists(&mut inner, &shape, place, lines);
                }
                _ => hidden(walk, start, inner, &found, place, lines),
            }
            Some(())
        }
        kind => plain(walk, start, kind, &found, place, lines),
    }
}

/// A column of fixed values or of strings.
fn plain(
    walk: &mut Walk<'_>,
    start: Walk<'_>,
    kind: Kind,
    found: &Found,
    place: Place,
    lines: &mut Lines,
) -> Option<()> {
    let mut lengths = Vec::new();
    let mut values = match kind.width() {
        Some(width) => walk.cut(place.rows.checked_mul(width)?)?,
        None => {
            let total = walk.length()?;
            lengths = match kind {
                Kind::Short => walk.take(place.rows)?.iter().copied().map(usize::from).collect(),
                _ => counts(walk, place.rows)?,
            };
            walk.cut(total)?
        }
    };
    let Some(shape) = found.shape.filter(|shape| fields::fits(shape, kind)) else {
        hidden(walk, start, values, found, place, lines);
        return Some(());
    };
    let text = match kind.width() {
        Some(width) => value::list(values.rest().chunks(width).map(|bytes| value::text(&shape, bytes))),
        None => value::list(lengths.iter().map_while(|length| Some(value::text(&shape, values.take(*length)?)))),
    };
    lines.since(walk, start, place.depth, format!("{}: {text}", found.label));
    Some(())
}

/// One of the further kinds.
fn further(walk: &mut Walk<'_>, start: Walk<'_>, found: &Found, place: Place, lines: &mut Lines) -> Option<()> {
    let ext = walk.u8()?;
    let length = walk.length()?;
    let mut inner = walk.cut(length)?;
    let label = &found.label;
    let deeper = Place { depth: place.depth.checked_add(1)?, ..place };
    let Some(shape) = found.shape.filter(|shape| !matches!(shape, Shape::Secret) && place.depth < DEPTH_MAX) else {
        hidden(walk, start, inner, found, place, lines);
        return Some(());
    };
    if ext == ExtKind::Opt as u8 {
        lines.since(&inner, start, place.depth, format!("{label}: OPT, {length} bytes"));
        let bitmap = inner.mark();
        let bits = inner.take(place.rows.div_ceil(8))?;
        let there = bits.iter().map(|byte| usize::try_from(byte.count_ones()).unwrap_or(0)).sum();
        lines.since(&inner, bitmap, deeper.depth, format!("there in {there} of {} rows", place.rows));
        let named = Named::One(found.tag.number, found.name, shape);
        columns(&mut inner, &named, Place { rows: there, ..deeper }, lines);
    } else if let (true, Shape::Message(name, fields)) = (ext == ExtKind::Group as u8, shape) {
        lines.since(&inner, start, place.depth, format!("{label}: GROUP of {name}, {length} bytes"));
        columns(&mut inner, &Named::Fields(fields), deeper, lines);
    } else if ext == ExtKind::Cells as u8 {
        lines.since(&inner, start, place.depth, format!("{label}: CELLS, {length} bytes"));
        let begin = inner.mark();
        let lengths = counts(&mut inner, place.rows)?;
        lines.since(
            &inner,
            begin,
            deeper.depth,
            format!("bytes of each: {}", value::list(lengths.iter().map(usize::to_string))),
        );
        for length in lengths {
            let mut cell = inner.cut(length)?;
            fields::message(&mut cell, &Named::One(1, "value", shape), deeper.depth, lines);
        }
        lines.hidden_rest(&mut inner, deeper.depth, "bytes after the last cell");
    } else {
        hidden(walk, start, inner, found, place, lines);
    }
    Some(())
}

/// Lists of all rows: how long each is, then the columns of all their items.
fn lists(walk: &mut Walk<'_>, shape: &Shape, place: Place, lines: &mut Lines) {
    let depth = place.depth.saturating_add(1);
    let start = walk.mark();
    let Some(lengths) = counts(walk, place.rows) else { return lines.hidden_rest(walk, depth, "no lengths of lists") };
    let rows = lengths.iter().fold(0, |sum: usize, length| sum.saturating_add(*length));
    let text = format!("length of each: {}", value::list(lengths.iter().map(usize::to_string)));
    lines.since(walk, start, depth, text);
    columns(walk, &Named::rows(shape), Place { rows, depth }, lines);
}

/// A column that no one may see, or that no descriptor names.
fn hidden(walk: &Walk<'_>, start: Walk<'_>, content: Walk<'_>, found: &Found, place: Place, lines: &mut Lines) {
    let text = format!("{}: {} bytes, {}", found.label, content.rest().len(), value::why_hidden(found.shape));
    lines.since_hiding(walk, start, content, place.depth, text);
}

/// `rows` counts of four bytes each.
fn counts(walk: &mut Walk<'_>, rows: usize) -> Option<Vec<usize>> {
    let bytes = walk.take(rows.checked_mul(4)?)?;
    let (counts, _) = bytes.as_chunks::<4>();
    counts.iter().map(|count| usize::try_from(u32::from_le_bytes(*count)).ok()).collect()
}

/// How deep a dump follows tables: deeper than any that decodes, shallow enough for every stack.
const DEPTH_MAX: usize = 64;
