//! Random texts, JSON and bytes for the codecs' round trips: the same for the same seed.

use bytes::Bytes;
use serde_json::{Value, json};

use super::engineio::Packet;

/// Marsaglia's xorshift64.
pub(super) struct Random(u64);

impl Random {
    /// The generator of a seed.
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// A number below a bound.
    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % bound
    }

    /// Up to 12 characters: punctuation of the wire forms, and all lengths in UTF-8 and UTF-16.
    pub(super) fn text(&mut self) -> String {
        const CHARS: [char; 24] = [
            'a',
            'b',
            'Z',
            '0',
            '4',
            '9',
            '"',
            '\\',
            '/',
            ',',
            ':',
            '-',
            '[',
            ']',
            '{',
            '?',
            ' ',
            '\n',
            'é',
            '☃',
            '\u{2028}',
            '\u{FFFD}',
            '😀',
            '\u{10FFFF}',
        ];
        (0..self.below(12)).map(|_| CHARS[self.below(CHARS.len())]).collect()
    }

    /// A JSON value, not too deep.
    pub(super) fn json(&mut self, depth: usize) -> Value {
        match self.below(if depth > 0 { 8 } else { 6 }) {
            0 => Value::Null,
            1 => json!(self.below(2) == 0),
            2 => json!(self.below(1 << 30)),
            3 => json!(-0.5 * self.below(1 << 20) as f64),
            4 | 5 => json!(self.text()),
            6 => (0..self.below(4)).map(|_| self.json(depth - 1)).collect(),
            _ => (0..self.below(4)).map(|_| (self.text(), self.json(depth - 1))).collect(),
        }
    }

    /// Up to 12 bytes.
    pub(super) fn bytes(&mut self) -> Bytes {
        (0..self.below(12)).map(|_| u8::try_from(self.below(256)).unwrap()).collect()
    }

    /// A packet of Engine.IO, with any text.
    pub(super) fn packet(&mut self) -> Packet {
        match self.below(9) {
            0 => Packet::Open(self.json(2).to_string().into()),
            1 => Packet::Close,
            2 => Packet::Ping(self.text().into()),
            3 => Packet::Pong(self.text().into()),
            4 | 5 => Packet::Message(self.text().into()),
            6 => Packet::Upgrade,
            7 => Packet::Noop,
            _ => Packet::Binary(self.bytes()),
        }
    }
}
