//! Structure-aware mutation: takes an input apart as the format says, changes a part, and puts it together again with lengths
//! that are right, mostly. A bit flipped in raw bytes nearly always dies at the next length; these get further.

use crate::Random;

/// How the input of a target is built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Frames, after some bytes of choices.
    Frames {
        /// Bytes of choices.
        before: usize,
    },
    /// One message, after some bytes of choices.
    Message {
        /// Bytes of choices.
        before: usize,
    },
    /// Text.
    Text,
}

/// Changes an input in one to four places; it is no longer than `bytes_max` afterwards.
pub fn mutate(shape: Shape, bytes: &[u8], random: &mut Random, bytes_max: usize) -> Vec<u8> {
    let mut changed = bytes.to_vec();
    for _ in 0..=random.index(4) {
        changed = once(shape, &changed, random);
    }
    changed.truncate(bytes_max);
    changed
}

fn once(shape: Shape, bytes: &[u8], random: &mut Random) -> Vec<u8> {
    if random.index(8) == 0 {
        return raw(bytes, random);
    }
    match shape {
        Shape::Frames { before } => behind(before, bytes, random, frames),
        Shape::Message { before } => behind(before, bytes, random, |bytes, random| message(bytes, random, 0)),
        Shape::Text => text(bytes, random),
    }
}

/// Changes what stands behind the choices, or now and then a choice.
fn behind(before: usize, bytes: &[u8], random: &mut Random, change: impl Fn(&[u8], &mut Random) -> Vec<u8>) -> Vec<u8> {
    let (choices, rest) = bytes.split_at(bytes.len().min(before));
    let mut choices = choices.to_vec();
    choices.resize(before, 0);
    if before > 0 && random.index(6) == 0 {
        let place = random.index(before);
        choices[place] = random.byte();
        return [&choices[..], rest].concat();
    }
    [choices, change(rest, random)].concat()
}

/// Bytes as bytes: flipped, cut, doubled, inserted.
fn raw(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = bytes.to_vec();
    if bytes.is_empty() {
        return random.bytes(32);
    }
    let place = random.index(bytes.len());
    match random.index(5) {
        0 => bytes[place] ^= 1 << random.index(8),
        1 => bytes[place] = random.byte(),
        2 => bytes.truncate(place),
        3 => drop(bytes.splice(place..place, random.bytes(8))),
        _ => {
            let again = bytes[place..bytes.len().min(place + 64)].to_vec();
            bytes.splice(place..place, again);
        }
    }
    bytes
}

/// What lengths and counts are compared with, one below, and one above.
const EDGES: [u32; 18] =
    [0, 1, 2, 15, 16, 17, 63, 64, 65, 255, 256, 1_023, 1_024, 1_025, 4_096, 65_535, 1 << 20, u32::MAX];

/// One frame of a stream is changed: its header, its content, its place, or its number.
fn frames(stream: &[u8], random: &mut Random) -> Vec<u8> {
    let mut frames = Vec::new();
    let mut rest = stream;
    while let Some((header, after)) = rest.split_first_chunk::<16>() {
        let length = usize::try_from(u32::from_le_bytes([header[0], header[1], header[2], header[3]])).unwrap();
        let Some((content, after)) = after.split_at_checked(length) else { break };
        frames.push((*header, content.to_vec()));
        rest = after;
    }
    if frames.is_empty() {
        return raw(stream, random);
    }
    let place = random.index(frames.len());
    let mut lie = None;
    match random.index(8) {
        0 => frames.push(frames[place].clone()),
        1 => drop(frames.remove(place)),
        2 => {
            let other = random.index(frames.len());
            frames.swap(place, other);
        }
        3 => frames[place].0[4 + random.index(12)] = random.byte(),
        4 => frames[place].0[12] = random.pick(&[1, 2, 3, 4, 0, 5]),
        5 => lie = Some((place, random.pick(&EDGES))),
        6 => {
            // Metadata where there were none, or the body taken for such.
            frames[place].0[13] ^= 1;
            let length = u16::try_from(random.pick(&EDGES[..14])).unwrap_or_default();
            frames[place].1.splice(0..0, length.to_le_bytes());
        }
        _ => {
            let (header, content) = &mut frames[place];
            let metadata = if header[13] & 1 == 1 { 2.min(content.len()) } else { 0 };
            let changed = message(&content[metadata..], random, 0);
            content.splice(metadata.., changed);
        }
    }
    let mut stream: Vec<u8> = Vec::new();
    for (index, (mut header, content)) in frames.into_iter().enumerate() {
        let honest = u32::try_from(content.len()).unwrap();
        let length = lie.filter(|(place, _)| *place == index).map_or(honest, |(_, length)| length);
        header[..4].copy_from_slice(&length.to_le_bytes());
        stream.extend(header);
        stream.extend(content);
    }
    [&stream[..], rest].concat()
}

/// A tagged field (Wire §4.1).
#[derive(Clone)]
struct Field {
    number: u16,
    kind: u8,
    /// The further kind of an EXT field.
    further: u8,
    value: Vec<u8>,
}

impl Field {
    fn read(bytes: &mut &[u8]) -> Option<Self> {
        let mut rest = *bytes;
        let tag = *rest.split_off_first()?;
        let number = if tag >> 3 == 31 { u16::from_le_bytes(take(&mut rest)?) } else { u16::from(tag >> 3) };
        let kind = tag & 7;
        let further = if kind == 7 { *rest.split_off_first()? } else { 0 };
        let length = match kind {
            0..=3 => [1, 4, 8, 16][usize::from(kind)],
            4 => usize::from(*rest.split_off_first()?),
            _ => usize::try_from(u32::from_le_bytes(take(&mut rest)?)).ok()?,
        };
        let value = rest.split_off(..length)?.to_vec();
        *bytes = rest;
        Some(Self { number, kind, further, value })
    }

    /// Appends it; `lie` stands in the place of its length.
    fn write(&self, out: &mut Vec<u8>, lie: Option<u32>) {
        if self.number < 31 {
            out.push(self.number.to_le_bytes()[0] << 3 | self.kind);
        } else {
            out.push(31 << 3 | self.kind);
            out.extend(self.number.to_le_bytes());
        }
        if self.kind == 7 {
            out.push(self.further);
        }
        let length = lie.unwrap_or(u32::try_from(self.value.len()).unwrap());
        match self.kind {
            0..=3 => {}
            4 => out.push(length.to_le_bytes()[0]),
            _ => out.extend(length.to_le_bytes()),
        }
        out.extend(&self.value);
    }
}

fn take<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (first, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*first)
}

/// One field of a message is changed, or one of a message inside it.
fn message(bytes: &[u8], random: &mut Random, depth: u32) -> Vec<u8> {
    let mut rest = bytes;
    let mut fields: Vec<Field> = std::iter::from_fn(|| Field::read(&mut rest)).collect();
    if fields.is_empty() {
        return raw(bytes, random);
    }
    let place = random.index(fields.len());
    let mut lie = None;
    match random.index(12) {
        0 => fields.push(fields[place].clone()),
        1 => drop(fields.remove(place)),
        2 => {
            let other = random.index(fields.len());
            fields.swap(place, other);
        }
        3 => fields[place].number = random.pick(&[0, 1, 2, 3, 4, 5, 7, 30, 31, 32, 255, u16::MAX]),
        4 => fields[place].kind = random.byte() & 7, // the value keeps its bytes
        5 => lie = Some((place, random.pick(&EDGES))),
        6 => {
            // Many that nobody knows: what is passed over is bounded, too.
            let unknown = Field { number: 1_000, ..fields[place].clone() };
            let copies = random.pick(&[1, 2, 63, 64, 65]);
            fields.extend(std::iter::repeat_n(unknown, copies));
        }
        7 => fields[place] = nested(fields[place].clone(), random.pick(&[1, 2, 31, 32, 33])),
        8 => number(&mut fields[place].value, random),
        9 => fields[place].value = raw(&fields[place].value, random),
        _ if fields[place].kind >= 4 && depth < 8 => {
            // A table has its count of rows first, and its columns read as fields for the most part.
            let count = if fields[place].kind == 6 { 4.min(fields[place].value.len()) } else { 0 };
            let changed = message(&fields[place].value[count..], random, depth + 1);
            fields[place].value.splice(count.., changed);
        }
        _ => number(&mut fields[place].value, random),
    }
    let mut out = Vec::new();
    for (index, field) in fields.iter().enumerate() {
        field.write(&mut out, lie.filter(|(place, _)| *place == index).map(|(_, length)| length));
    }
    out.extend(rest);
    out
}

/// The field wrapped into messages so and so deep.
fn nested(field: Field, deep: usize) -> Field {
    (0..deep).fold(field, |inner, _| {
        let mut value = Vec::new();
        inner.write(&mut value, None);
        Field { number: inner.number, kind: 5, further: 0, value }
    })
}

/// A number in a value becomes one at an edge.
fn number(value: &mut [u8], random: &mut Random) {
    let edge = random.pick(&EDGES).to_le_bytes();
    if let Some(first) = value.first_chunk_mut() {
        *first = edge;
    } else if let Some(byte) = value.first_mut() {
        *byte = random.byte();
    }
}

/// Parts of a text between `$`, `,` and `=` are changed: what stored hashes are made of.
fn text(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let text = String::from_utf8_lossy(bytes).into_owned();
    let mut parts: Vec<&str> = text.split_inclusive(['$', ',', '=']).collect();
    if parts.is_empty() {
        return random.bytes(32);
    }
    let place = random.index(parts.len());
    match random.index(5) {
        0 => parts.push(parts[place]),
        1 => drop(parts.remove(place)),
        2 => {
            let other = random.index(parts.len());
            parts.swap(place, other);
        }
        3 => {
            parts[place] =
                random.pick(&["0", "1", "65536", "65537", "4294967296", "-1", "é", "$", "m=", ",t=", "argon2i"])
        }
        _ => return raw(bytes, random),
    }
    parts.concat().into_bytes()
}
