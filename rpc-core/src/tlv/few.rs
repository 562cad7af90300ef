//! Moving few bytes. Most strings are short, and for these two overlapping pieces of a fixed size, in one register or in
//! place, take a fraction of what calling `memcpy` does.

/// So many bytes fit a 16-byte number beside a tag and a length.
const FEW_BYTES: usize = 14;

/// At most [`FEW_BYTES`] bytes as one number, the first in its lowest byte.
#[inline(always)]
pub(super) fn pack(bytes: &[u8]) -> Option<u128> {
    match *bytes {
        [] => Some(0),
        [a] => Some(u128::from(a)),
        [a, b] => Some(u128::from(u16::from_le_bytes([a, b]))),
        [a, b, c] => Some(u128::from(u32::from_le_bytes([a, b, c, 0]))),
        _ if bytes.len() < 8 => {
            let first = u64::from(u32::from_le_bytes(*bytes.first_chunk()?));
            let last = u64::from(u32::from_le_bytes(*bytes.last_chunk()?));
            Some(u128::from(first | last << bits(bytes.len().saturating_sub(4))))
        }
        _ if bytes.len() <= FEW_BYTES => {
            let first = u64::from_le_bytes(*bytes.first_chunk()?);
            let last = u64::from_le_bytes(*bytes.last_chunk()?) >> 8;
            // Of the last eight those that are not among the first eight.
            Some(u128::from(first) | u128::from(last >> bits(15_usize.saturating_sub(bytes.len()))) << 64)
        }
        _ => None,
    }
}

/// The bits of `bytes` bytes, which are less than eight.
#[inline(always)]
const fn bits(bytes: usize) -> usize {
    (bytes & 7).saturating_mul(8)
}

/// Copies `bytes` to `place`, which is as long.
#[inline(always)]
pub(super) fn copy(place: &mut [u8], bytes: &[u8]) {
    // The usual lengths of names and labels are asked for first.
    if bytes.len() >= 8 {
        match bytes.len() {
            ..16 => copy_ends::<8>(place, bytes),
            16..=32 => copy_ends::<16>(place, bytes),
            _ => place.copy_from_slice(bytes),
        }
    } else if bytes.len() >= 4 {
        copy_ends::<4>(place, bytes);
    } else {
        // The middle one of three, or one of the ends again.
        if let (Some(place), Some(byte)) = (place.get_mut(bytes.len() / 2), bytes.get(bytes.len() / 2)) {
            *place = *byte;
        }
        copy_ends::<1>(place, bytes);
    }
}

/// Copies the first and the last `N` of at most twice as many bytes.
#[inline(always)]
fn copy_ends<const N: usize>(place: &mut [u8], bytes: &[u8]) {
    if let (Some(place), Some(bytes)) = (place.first_chunk_mut::<N>(), bytes.first_chunk()) {
        *place = *bytes;
    }
    if let (Some(place), Some(bytes)) = (place.last_chunk_mut::<N>(), bytes.last_chunk()) {
        *place = *bytes;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_count_of_bytes_is_moved_whole() {
        let bytes: Vec<u8> = (1..=40).collect();
        for count in 0..=bytes.len() {
            let mut place = vec![0; count];
            copy(&mut place, &bytes[..count]);
            assert_eq!(place, bytes[..count], "{count}");
            let packed = pack(&bytes[..count]).map(u128::to_le_bytes);
            assert_eq!(packed.is_some(), count <= FEW_BYTES, "{count}");
            if let Some(packed) = packed {
                assert_eq!(packed[..count], bytes[..count], "{count}");
                assert!(packed[count..].iter().all(|rest| *rest == 0), "{count}");
            }
        }
    }
}
