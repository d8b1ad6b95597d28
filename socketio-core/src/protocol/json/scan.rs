//! Walks over JSON text: where each value ends, and whether it is one.
//!
//! The bytes of a text go in, what is left of them behind a value comes out, and nothing at the first byte
//! that no JSON text has there. The functions of [`json`](super) call it, one pass for a whole text.
//! Nothing is built and nothing recurses: what is open takes a bit for each level, so neither size
//! nor depth matters. Halves of surrogate pairs, which a JSON string can spell, are taken as they are.
//!
//! Source: RFC 8259, whose grammar is taken to the letter.

use super::plain::skip_plain;

/// Passes a value and the space in front of it.
pub(super) fn value(rest: &[u8]) -> Option<&[u8]> {
    values(rest, Open { inner: 1, outer: Vec::new() })
}

/// Passes what is left of an array in front of an element, up to and with its end.
pub(super) fn elements(rest: &[u8]) -> Option<&[u8]> {
    values(rest, Open { inner: 1 << 1 | u64::from(ARRAY), outer: Vec::new() })
}

/// Passes a value, and what follows until nothing is open.
fn values(mut rest: &[u8], mut open: Open) -> Option<&[u8]> {
    loop {
        rest = match space(rest) {
            [b'"', text @ ..] => string(text)?,
            [b'{', members @ ..] => match space(members) {
                [b'}', rest @ ..] => rest,
                members => {
                    open.push(OBJECT);
                    rest = key(members)?;
                    continue;
                }
            },
            [b'[', elements @ ..] => match space(elements) {
                [b']', rest @ ..] => rest,
                elements => {
                    open.push(ARRAY);
                    rest = elements;
                    continue;
                }
            },
            [b't', rest @ ..] => rest.strip_prefix(b"rue")?,
            [b'f', rest @ ..] => rest.strip_prefix(b"alse")?,
            [b'n', rest @ ..] => rest.strip_prefix(b"ull")?,
            [b'-', digits @ ..] => number(digits)?,
            digits => number(digits)?,
        };
        rest = loop {
            let Some(kind) = open.innermost() else { return Some(rest) };
            rest = match (space(rest), kind) {
                ([b',', rest @ ..], OBJECT) => break key(rest)?,
                ([b',', rest @ ..], ARRAY) => break rest,
                ([b'}', rest @ ..], OBJECT) | ([b']', rest @ ..], ARRAY) => rest,
                _ => return None,
            };
            open.pop();
        };
    }
}

/// Passes a member's name and the colon, and the space in front of each.
fn key(rest: &[u8]) -> Option<&[u8]> {
    let name = space(rest).strip_prefix(b"\"")?;
    space(string(name)?).strip_prefix(b":")
}

/// Passes space, of which there is seldom any.
#[inline]
pub(super) fn space(rest: &[u8]) -> &[u8] {
    if rest.first().is_some_and(|first| *first > b' ') { rest } else { some_space(rest) }
}

fn some_space(mut rest: &[u8]) -> &[u8] {
    while let [b' ' | b'\n' | b'\t' | b'\r', behind @ ..] = rest {
        rest = behind;
    }
    rest
}

/// Passes a string behind its opening quote.
#[inline(always)]
fn string(rest: &[u8]) -> Option<&[u8]> {
    match skip_plain(rest) {
        [b'"', rest @ ..] => Some(rest),
        rest => escaped(rest),
    }
}

/// Passes a string from an escape on.
#[inline(never)]
fn escaped(mut rest: &[u8]) -> Option<&[u8]> {
    loop {
        rest = match rest {
            [b'"', rest @ ..] => return Some(rest),
            [b'\\', b'u', a, b, c, d, rest @ ..] => {
                [a, b, c, d].iter().all(|digit| digit.is_ascii_hexdigit()).then_some(rest)?
            }
            [b'\\', b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't', rest @ ..] => rest,
            _ => return None,
        };
        rest = skip_plain(rest);
    }
}

/// Passes a number behind its sign.
fn number(rest: &[u8]) -> Option<&[u8]> {
    let mut rest = rest.strip_prefix(b"0").or_else(|| digits(rest))?;
    if let [b'.', fraction @ ..] = rest {
        rest = digits(fraction)?;
    }
    if let [b'e' | b'E', exponent @ ..] = rest {
        rest = match exponent {
            [b'+' | b'-', exponent @ ..] => digits(exponent)?,
            _ => digits(exponent)?,
        };
    }
    Some(rest)
}

/// Passes digits, of which there must be one.
fn digits(bytes: &[u8]) -> Option<&[u8]> {
    let mut rest = bytes;
    while let [b'0'..=b'9', behind @ ..] = rest {
        rest = behind;
    }
    (rest.len() < bytes.len()).then_some(rest)
}

const ARRAY: bool = false;
const OBJECT: bool = true;

/// The arrays and objects that are open: a bit for each.
struct Open {
    /// The innermost ones, the last in the lowest bit; above them a one, which says how many there are.
    inner: u64,
    /// The others, in whole words.
    outer: Vec<u64>,
}

impl Open {
    fn innermost(&self) -> Option<bool> {
        (self.inner != 1).then_some(self.inner & 1 == u64::from(OBJECT))
    }

    fn push(&mut self, kind: bool) {
        if self.inner.leading_zeros() == 0 {
            self.outer.push(self.inner);
            self.inner = 1;
        }
        self.inner = self.inner << 1 | u64::from(kind);
    }

    fn pop(&mut self) {
        self.inner >>= 1;
        if self.inner == 1 {
            self.inner = self.outer.pop().unwrap_or(1);
        }
    }
}
