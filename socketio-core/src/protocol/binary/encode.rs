//! Writes a value as JSON text, its bytes beside it.
//!
//! serde_json leaves it to its formatter how bytes look, so this is a formatter that writes the
//! placeholder and keeps the bytes: a value without bytes is written as ever. Attachments are numbered in
//! the order of the text, as the reference's depth-first walk numbers them.

use std::cell::Cell;
use std::io::{self, Write};

use bytes::Bytes;
use serde::Serialize;
use serde::ser::Error as _;
use serde_json::ser::{Formatter, Serializer};

use super::share::share;

/// What a thread keeps to write texts in, in bytes.
const SCRATCH_BYTES: usize = 256 * 1024;

thread_local! {
    /// What texts are written in before their length is known; taken while one is being written.
    static SCRATCH: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// The text, and the attachments.
pub(super) fn to_json<T: Serialize + ?Sized>(
    value: &T,
) -> serde_json::Result<(String, Vec<Bytes>)> {
    let (mut scratch, mut attachments) = (SCRATCH.take(), Vec::new());
    scratch.clear();
    let formatter = Attach(&mut attachments);
    value.serialize(&mut Serializer::with_formatter(&mut scratch, formatter))?;
    let text = std::str::from_utf8(&scratch).map_err(serde_json::Error::custom)?.to_owned();
    if scratch.capacity() <= SCRATCH_BYTES {
        SCRATCH.set(scratch);
    }
    Ok((text, attachments))
}

/// Writes compact JSON, and a placeholder for bytes.
struct Attach<'a>(&'a mut Vec<Bytes>);

impl Formatter for Attach<'_> {
    fn write_byte_array<W: ?Sized + Write>(&mut self, out: &mut W, bytes: &[u8]) -> io::Result<()> {
        write!(out, r#"{{"_placeholder":true,"num":{}}}"#, self.0.len())?;
        self.0.push(share(bytes));
        Ok(())
    }
}
