//! Lengths in UTF-16 code units, the unit of JavaScript's strings, of text in UTF-8.
//!
//! The payload codecs call it, since clients count so. Linear in what is counted.

/// Length in UTF-16 code units: one for each byte that begins a character, two if it begins four.
pub(super) fn len(text: &str) -> usize {
    let units = |byte: u8| usize::from(byte & 0xC0 != 0x80) + usize::from(byte >= 0xF0);
    text.bytes().map(units).sum()
}

/// Splits behind as many characters as `units` code units hold, and says how many units are left over.
///
/// One is left over where a character of two would have to be cut in half; more, or one at the text's
/// end, is what the text is short of.
pub(super) fn split_at(text: &str, units: usize) -> (&str, &str, usize) {
    let is_ascii = text.as_bytes().get(..units).is_some_and(<[u8]>::is_ascii);
    let (mut end, mut left) = if is_ascii { (units, 0) } else { (0, units) };
    let mut chars = text.get(end..).unwrap_or_default().chars();
    while left > 0 {
        let Some(c) = chars.next().filter(|c| c.len_utf16() <= left) else { break };
        left -= c.len_utf16();
        end += c.len_utf8();
    }
    let (before, after) = text.split_at_checked(end).unwrap_or((text, ""));
    (before, after, left)
}
