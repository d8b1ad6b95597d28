//! How far a text stands for itself in a JSON string.
//!
//! Bytes go in, what is left of them behind such a run comes out. The scanner, the reader and the writer of
//! strings look with it for what ends one. Short runs are compared eight bytes at a time, long ones as
//! many as the processor can.
//!
//! Source: RFC 8259, section 7; for words, "Bit Twiddling Hacks", "Determine if a word has a byte less than n".

/// The bytes from the first quote, backslash or control character on.
#[inline(always)]
pub(super) fn skip_plain(mut bytes: &[u8]) -> &[u8] {
    /// What is longer is no short string.
    const SHORT: usize = 32;
    let long = bytes.len().saturating_sub(SHORT);
    while let Some((word, rest)) = bytes.split_first_chunk() {
        let ends = ends_of_runs(*word);
        if ends != 0 {
            return bytes.get(ends.trailing_zeros() as usize / 8..).unwrap_or_default();
        }
        bytes = rest;
        if bytes.len() < long {
            break;
        }
    }
    skip_long(bytes)
}

/// The same for many bytes, or for fewer than a word.
#[inline(never)]
fn skip_long(mut bytes: &[u8]) -> &[u8] {
    while let Some((block, rest)) = bytes.split_first_chunk::<64>()
        && is_plain_block(block)
    {
        bytes = rest;
    }
    let end = bytes.iter().position(|byte| ends_run(*byte));
    end.and_then(|end| bytes.get(end..)).unwrap_or_default()
}

/// Whether all bytes stand for themselves. That is cheaper to tell than where one does not.
pub(crate) fn is_plain(bytes: &[u8]) -> bool {
    if let Some(last) = bytes.last_chunk::<16>() {
        let (blocks, rest) = bytes.as_chunks::<64>();
        let (others, _) = rest.as_chunks::<16>();
        // The last block has bytes in common with what is before it.
        return blocks.iter().all(is_plain_block)
            && others.iter().all(is_plain_block)
            && is_plain_block(last);
    }
    if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
        return ends_of_runs(*first) | ends_of_runs(*last) == 0;
    }
    if let (Some([a, b, c, d]), Some([e, f, g, h])) = (bytes.first_chunk(), bytes.last_chunk()) {
        return ends_of_runs([*a, *b, *c, *d, *e, *f, *g, *h]) == 0;
    }
    !bytes.iter().any(|byte| ends_run(*byte))
}

/// Whether a byte can't stand for itself. The exclusive or moves the quote next to the control characters.
fn ends_run(byte: u8) -> bool {
    (byte ^ 2 <= b' ') | (byte == b'\\')
}

/// Whether all bytes of a block stand for themselves.
fn is_plain_block<const SIZE: usize>(block: &[u8; SIZE]) -> bool {
    // A loop without a way out of its body is one that the compiler makes vectors of.
    !block.iter().fold(false, |ends, byte| ends | ends_run(*byte))
}

/// The high bit of the first byte that ends a run, and perhaps those of later ones.
fn ends_of_runs(word: [u8; 8]) -> u64 {
    const EACH: u64 = u64::from_le_bytes([1; 8]);
    let word = u64::from_le_bytes(word);
    let backslash = word ^ (EACH * b'\\' as u64);
    let below = (word ^ (EACH * 2)).wrapping_sub(EACH * (b' ' + 1) as u64);
    (below | backslash.wrapping_sub(EACH)) & !word & (EACH << 7)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_ends_at_the_first_byte_that_needs_an_escape() {
        for byte in 0..=u8::MAX {
            let expected = matches!(byte, b'"' | b'\\' | 0..=0x1f);
            assert_eq!(ends_run(byte), expected, "{byte}");
            for length in [1, 7, 8, 9, 31, 32, 33, 95, 96, 97, 200] {
                for at in 0..length {
                    let mut bytes = vec![b'x'; length];
                    *bytes.last_mut().unwrap() = b'"';
                    bytes[at] = byte;
                    let end = if expected { at } else { length - usize::from(at + 1 < length) };
                    let left = skip_plain(&bytes).len();
                    assert_eq!(length - left, end, "{byte} at {at} of {length}");
                    *bytes.last_mut().unwrap() = if at + 1 == length { byte } else { b'x' };
                    assert_eq!(is_plain(&bytes), !expected, "{byte} at {at} of {length}");
                }
            }
        }
    }
}
