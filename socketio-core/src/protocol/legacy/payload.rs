//! Several packets in one HTTP body.
//!
//! Bodies of polling requests go in and the texts of their packets come out, and back. Polling
//! transports call it; nothing is framed so on a WebSocket. Packets are slices of the body.
//!
//! ```text
//! 3:::hello                        one packet stands alone
//! U+FFFD 5 U+FFFD 3:::a U+FFFD 3 U+FFFD 2::     (without the spaces) several are framed
//! ```
//!
//! A length counts UTF-16 code units, the unit of the JavaScript strings on the other side.
//! Source: socket.io-spec revision 1, "Framing"; `lib/parser.js` of socket.io 0.9.19,
//! `decodePayload`, `encodePayload`.

use std::fmt::Write as _;
use std::iter;

use bytestring::ByteString;

use crate::protocol::{digits, utf16};

const DELIMITER: char = '\u{FFFD}';

/// Takes a body apart into the texts of its packets, in order; some may be empty.
///
/// Any body is taken apart somehow, in linear time, as the reference decoder does it: a length that
/// is too large takes what there is, one that is missing counts as 0, one that is not a number yields
/// an empty packet and ends the body. After each packet one code unit is skipped, whatever it is. A
/// length that ends inside a character, from a peer that counts something else, leaves U+FFFD there.
/// A number is decimal digits here; the reference takes whatever JavaScript's `Number` takes, and
/// never ends on some negative ones.
pub fn decode(body: &ByteString) -> impl Iterator<Item = ByteString> + use<> {
    let body = body.clone();
    let mut at = body.starts_with(DELIMITER).then_some(DELIMITER.len_utf8());
    let mut alone = at.is_none().then(|| body.clone());
    iter::from_fn(move || {
        let rest = body.get(at.take().unwrap_or(body.len())..)?;
        let Some((length, text)) = rest.split_once(DELIMITER) else { return alone.take() };
        let Some(length) = parse_length(length) else { return Some(ByteString::new()) };
        let Cut { packet, is_half, after } = cut(text, length);
        at = Some(body.len() - after.len());
        Some(if is_half {
            format!("{packet}{}", char::REPLACEMENT_CHARACTER).into()
        } else {
            body.slice_ref(packet)
        })
    })
}

/// Puts packets into one body: none is an empty body, one stands for itself, more are framed.
pub fn encode(packets: &[ByteString]) -> ByteString {
    if let [packet] = packets {
        return packet.clone();
    }
    // Two delimiters of three bytes, and the digits of the length, which is never more than the bytes.
    let framed_len = |packet: &ByteString| {
        packet.len() + 7 + packet.len().checked_ilog10().map_or(0, |tens| tens as usize)
    };
    let mut body = String::with_capacity(packets.iter().map(framed_len).sum());
    for packet in packets {
        // Writing to a string cannot fail.
        let _ = write!(body, "{DELIMITER}{}{DELIMITER}{packet}", utf16::len(packet));
    }
    body.into()
}

/// A length as it stands between two delimiters; more than a body can have counts as endless.
fn parse_length(length: &str) -> Option<usize> {
    let (digits, rest) = digits::split(length);
    rest.is_empty().then(|| digits::value(digits))
}

/// The start of a text, and where the next length starts.
struct Cut<'a> {
    packet: &'a str,
    /// Whether the packet's last unit, not in `packet`, is the first half of a character of two.
    is_half: bool,
    after: &'a str,
}

/// Cuts off `units` UTF-16 code units and skips one.
fn cut(text: &str, units: usize) -> Cut<'_> {
    let (packet, rest, left) = utf16::split_at(text, units);
    let mut chars = rest.chars();
    if left > 0 && chars.next().is_some() {
        return Cut { packet, is_half: true, after: chars.as_str() };
    }
    // Half of a character of two units stays: it makes the next length one that is not a number,
    // and so does the whole.
    let after = rest.strip_prefix(|c: char| c.len_utf16() == 1).unwrap_or(rest);
    Cut { packet, is_half: false, after }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEGABYTE: usize = 1 << 20;

    /// Writes `|` for the delimiter, since U+FFFD is hard to read.
    fn check(body: &str, packets: &[&str]) {
        let decoded: Vec<_> = decode(&body.replace('|', "\u{FFFD}").into()).collect();
        let packets: Vec<_> = packets.iter().map(|text| text.replace('|', "\u{FFFD}")).collect();
        assert_eq!(decoded, packets, "{body}");
    }

    #[test]
    fn any_body_is_taken_apart_as_the_reference_does() {
        check("3:::|", &["3:::|"]);
        check("|3|3::|3|8::", &["3::", "8::"]);
        check("||x03|2::", &["", "2::"]);
        check("|||||", &["", ""]);
        check("|3|2::x3|8::", &["2::", "8::"]);
        check("|3|2::é3|8::", &["2::", "8::"]);
        check("|2|2::|3|2::", &["2:", "", ""]);
        check("|4|2::|3|2::", &["2::|", ""]);
        check("|5|||||||3|2::", &["|||||", "2::"]);
        check("|-1|2::", &[""]);
        check("|٣|2::", &[""]);
        check("|3", &[]);
    }

    #[test]
    fn other_spellings_of_a_number_end_the_body() {
        for length in ["1e1", "+3", " 3", "3.0", "0x3", "-9", "Infinity"] {
            check(&format!("|{length}|2::|3|2::"), &[""]);
        }
    }

    #[test]
    fn a_length_counts_utf_16_code_units() {
        check("|1|😀|3|2::", &["|", "", ""]);
        check("|2|a😀3|2::", &["a|", "2::"]);
        check("|2|😀|3|2::", &["😀", "2::"]);
        check("|3|a😀b3|2::", &["a😀", "2::"]);
        check("|4|é☃😀|3|2::", &["é☃😀", "2::"]);
        // Half of the character is skipped, and the other half is no number.
        check("|1|a😀3|2::|", &["a", ""]);
        check("|1|a😀3", &["a"]);
        check("|0|😀|3|2::", &["", ""]);
    }

    #[test]
    fn what_is_encoded_decodes_to_the_same() {
        let cases: [&[&str]; 6] = [
            &["", ""],
            &["3:::hello"],
            &["3:::😀", "2::", "3:::é"],
            &["3:::\u{FFFD}1\u{FFFD}", "\u{FFFD}"],
            &["", "3:::0123456789", ""],
            &["a", "aaaaaaaaa", "aaaaaaaaaa"],
        ];
        for packets in cases {
            let packets: Vec<ByteString> = packets.iter().map(|&text| text.into()).collect();
            assert_eq!(decode(&encode(&packets)).collect::<Vec<_>>(), packets);
        }
        assert_eq!(encode(&[]), "");
    }

    #[test]
    fn packets_are_slices_of_the_body() {
        let body = encode(&["3:::a".into(), "3:::é".into()]);
        for packet in decode(&body) {
            assert!(body.as_bytes().as_ptr_range().contains(&packet.as_bytes().as_ptr()));
        }
    }

    /// Quadratic time would show as a test that does not end.
    #[test]
    fn a_megabyte_of_anything_is_taken_apart_in_linear_time() {
        let digits = "9".repeat(MEGABYTE);
        check(&format!("|{digits}|2::"), &["2::"]);
        check(&format!("|{digits}"), &[]);
        check(&format!("|3|2::|{digits}x|2::"), &["2::", ""]);
        assert_eq!(decode(&"\u{FFFD}".repeat(MEGABYTE).into()).count(), MEGABYTE / 2);
        let astral = "😀".repeat(MEGABYTE / 4);
        check(&format!("|{}|{astral}|3|2::", astral.len() / 2), &[&astral, "2::"]);
        let halves = "1|😀".repeat(MEGABYTE / 8);
        check(&format!("|{halves}"), &vec!["|"; MEGABYTE / 8]);
    }

    #[test]
    fn a_body_cut_off_anywhere_is_taken_apart() {
        let body = encode(&["3:::é☃😀".into(), "😀".into(), "2::".into()]);
        for end in 0..=body.len() {
            let cut = String::from_utf8_lossy(&body.as_bytes()[..end]).into_owned();
            assert!(decode(&cut.into()).count() <= 3);
        }
    }
}
