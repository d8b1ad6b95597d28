//! What holds of any bytes that a WebSocket brings: how they are cut makes no difference.
//!
//! Any bytes go in, a panic comes out if something does not hold: the first says how the others are cut, and
//! how long a message may be. Called by [`fuzz`](crate::fuzz).

use super::*;

/// All messages of the bytes, and how they end.
pub(crate) fn run(input: &[u8]) {
    let Some((&how, bytes)) = input.split_first() else { return };
    let limit = if how & 0x80 == 0 { 1 << 20 } else { 16 };
    let whole = read(std::iter::once(bytes), limit);
    let payload: usize = whole.0.iter().map(size).sum();
    assert!(payload <= bytes.len() && whole.0.len() <= bytes.len());
    let most = |message: &Message| match message {
        Message::Ping(_) => MAX_CONTROL_BYTES,
        _ => limit,
    };
    assert!(whole.0.iter().all(|message| size(message) <= most(message)));
    assert_eq!(read(pieces(bytes, how & 0x7f), limit), whole);
    assert_eq!(read(bytes.chunks(1), limit), whole);
}

/// Pieces of pseudo-random length, many of them short.
fn pieces(mut bytes: &[u8], seed: u8) -> impl Iterator<Item = &[u8]> {
    let mut state = u32::from(seed);
    std::iter::from_fn(move || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        let length = (state >> 24) as usize % if state & 0x10_0000 == 0 { 4 } else { 40 };
        let (piece, rest) = bytes.split_at(length.min(bytes.len()));
        (!bytes.is_empty()).then(|| bytes = rest)?;
        Some(piece)
    })
}

/// Messages, up to an error, or to what has not come whole.
fn read<'a>(
    pieces: impl Iterator<Item = &'a [u8]>,
    limit: usize,
) -> (Vec<Message>, Option<FrameError>) {
    let mut decoder = Decoder::new(limit);
    let (mut messages, mut came) = (Vec::new(), 0);
    for piece in pieces {
        decoder.extend(piece);
        came += piece.len();
        loop {
            match decoder.next() {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => break,
                Err(error) => return (messages, Some(error)),
            }
        }
        let partial = decoder.partial.as_ref().map_or(0, |partial| partial.payload.capacity());
        assert!(decoder.input.capacity() + partial <= 3 * came + MAX_HEADER_BYTES);
    }
    (messages, None)
}

fn size(message: &Message) -> usize {
    match message {
        Message::Text(text) => text.len(),
        Message::Binary(bytes) | Message::Ping(bytes) => bytes.len(),
        Message::Pong | Message::Close(_) => 0,
    }
}
