//! The offset that an event carries to clients that can come back.
//!
//! The text of arguments goes in, what is left of it and the offset come out; clients call it. Source: socket.io-adapter
//! 2.5 lib/in-memory-adapter.ts (`broadcast`); socket.io-client 4.8 lib/socket.ts (`emitEvent`).

/// Splits off the last argument, if it can be an offset.
///
/// ```text
/// ["a",1,"1f"]      ["a",1]   31
/// ```
pub(crate) fn split_offset(args: &str) -> Option<(String, u64)> {
    let (before, offset) = args.strip_suffix("\"]")?.rsplit_once('"')?;
    let before = before.strip_suffix(',').or(Some(before).filter(|before| *before == "["))?;
    Some((format!("{before}]"), u64::from_str_radix(offset, 16).ok()?))
}
