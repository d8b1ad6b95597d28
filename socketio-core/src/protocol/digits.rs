//! Decimal digits in packets: ids, counts and lengths that a peer wrote, however many digits they have.
//!
//! Text goes in, digits and their value come out. The decoders of all generations call it. Nothing
//! overflows: what is too large for a number counts as the largest.

/// Splits after the decimal digits at the start.
pub(super) fn split(text: &str) -> (&str, &str) {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    text.split_at_checked(digits).unwrap_or((text, ""))
}

/// The number that decimal digits write.
pub(super) fn value(digits: &str) -> usize {
    sum(digits.bytes().map(|digit| digit.wrapping_sub(b'0')))
}

/// The number that digits, each from 0 to 9, make.
pub(super) fn sum(digits: impl IntoIterator<Item = u8>) -> usize {
    let add = |sum: usize, digit| sum.saturating_mul(10).saturating_add(usize::from(digit));
    digits.into_iter().fold(0, add)
}
