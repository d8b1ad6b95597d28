//! WebSocket frames, as short as can be: whole messages, text only.
//!
//! In: bytes as they arrive. Out: messages, and frames to write. Used by the load generator (whose frames are
//! masked) and by the lower bound (whose are not). It trusts its peer, which a real server must not.
//! Source: RFC 6455, section 5.2.

/// The mask of every frame of a client; its value is of no matter to a server.
pub const MASK: [u8; 4] = [0x37, 0xfa, 0x21, 0x3d];

/// A whole frame at the front of a buffer.
#[derive(Debug, PartialEq, Eq)]
pub struct Frame {
    /// Text is 1, close 8, ping 9, pong 10.
    pub opcode: u8,
    /// Where the payload is.
    pub payload: std::ops::Range<usize>,
    /// With what it is masked, in frames of clients.
    pub mask: Option<[u8; 4]>,
}

impl Frame {
    /// The frame at the front of these bytes, if they hold it whole.
    #[must_use]
    pub fn first(bytes: &[u8]) -> Option<Self> {
        let (&[first, second], rest) = bytes.split_first_chunk()?;
        let (length, mut at) = match second & 0x7f {
            126 => (usize::from(u16::from_be_bytes(*rest.first_chunk()?)), 4),
            127 => (usize::try_from(u64::from_be_bytes(*rest.first_chunk()?)).ok()?, 10),
            length => (usize::from(length), 2),
        };
        let mask = (second & 0x80 != 0).then_some(());
        let mask = match mask {
            Some(()) => Some(*bytes.get(at..)?.first_chunk()?),
            None => None,
        };
        at += mask.map_or(0, |mask| mask.len());
        let payload = at..at.checked_add(length)?;
        (payload.end <= bytes.len()).then_some(Self { opcode: first & 0x0f, payload, mask })
    }
}

/// Writes a frame of a server.
pub fn put(out: &mut Vec<u8>, opcode: u8, payload: &[u8]) {
    put_head(out, opcode, payload.len(), 0);
    out.extend_from_slice(payload);
}

/// Writes a frame of a client.
pub fn put_masked(out: &mut Vec<u8>, opcode: u8, payload: &[u8]) {
    put_head(out, opcode, payload.len(), 0x80);
    out.extend_from_slice(&MASK);
    let start = out.len();
    out.extend_from_slice(payload);
    unmask(&mut out[start..], MASK);
}

/// Takes a mask off, or puts it on.
pub fn unmask(bytes: &mut [u8], mask: [u8; 4]) {
    let wide = [mask, mask].concat();
    let mut chunks = bytes.chunks_exact_mut(8);
    for chunk in &mut chunks {
        chunk.iter_mut().zip(&wide).for_each(|(byte, mask)| *byte ^= mask);
    }
    chunks.into_remainder().iter_mut().zip(&wide).for_each(|(byte, mask)| *byte ^= mask);
}

#[expect(clippy::cast_possible_truncation, reason = "each arm has looked at the length")]
fn put_head(out: &mut Vec<u8>, opcode: u8, length: usize, masked: u8) {
    out.push(0x80 | opcode);
    match length {
        0..=125 => out.push(masked | length as u8),
        126..=0xffff => {
            out.push(masked | 126);
            out.extend_from_slice(&(length as u16).to_be_bytes());
        }
        _ => {
            out.push(masked | 127);
            out.extend_from_slice(&(length as u64).to_be_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_put_is_read_again_and_not_before_it_is_whole() {
        for length in [0, 1, 125, 126, 70_000] {
            let payload = vec![b'x'; length];
            for write in [put, put_masked] {
                let mut bytes = Vec::new();
                write(&mut bytes, 1, &payload);
                assert_eq!(Frame::first(&bytes[..bytes.len() - 1]), None);
                let Some(frame) = Frame::first(&bytes) else { return assert_eq!(length, 0) };
                if let Some(mask) = frame.mask {
                    unmask(&mut bytes[frame.payload.clone()], mask);
                }
                assert_eq!((frame.opcode, &bytes[frame.payload]), (1, &payload[..]));
            }
        }
    }
}
