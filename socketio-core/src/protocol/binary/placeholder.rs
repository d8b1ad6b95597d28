//! The object that stands for an attachment.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Number;

/// Keys of a placeholder, one of which is its first.
const KEYS: [&str; 2] = ["_placeholder", "num"];

/// `{"_placeholder":true,"num":0}`, its keys in any order: clients that write them from a hash table are
/// in use. An object with another key is none, though the reference takes it for one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Placeholder {
    #[serde(rename = "_placeholder")]
    is_one: bool,
    num: Number,
}

impl Placeholder {
    /// The placeholder that the text begins with, and its length.
    pub(super) fn at_start(text: &str) -> Option<(Self, usize)> {
        let mut deserializer = serde_json::Deserializer::from_str(text);
        let found = Self::deserialize(&mut deserializer).ok().filter(|found| found.is_one)?;
        Some((found, deserializer.into_iter::<IgnoredAny>().byte_offset()))
    }

    /// The placeholder whose first key this is: a slice of the text.
    pub(super) fn with_first_key(text: &str, key: &str) -> Option<Self> {
        if !KEYS.contains(&key) {
            return None;
        }
        let at = key.as_ptr().addr().checked_sub(text.as_ptr().addr())?;
        let start = text.get(..at)?.rfind('{')?;
        Self::at_start(text.get(start..)?).map(|(found, _)| found)
    }

    /// The attachment it stands for.
    pub(super) fn attachment<'a, T>(&self, attachments: &'a [T]) -> Option<&'a T> {
        let index = self.num.as_u64().and_then(|num| usize::try_from(num).ok())?;
        attachments.get(index)
    }
}

/// Whether every placeholder in a JSON text stands for one of `count` attachments, and no two for the same:
/// one that is named often would make much of little.
///
/// Linear: what is no placeholder shows that by its first key.
pub(crate) fn are_sound(text: &str, count: usize) -> bool {
    let mut seen = vec![false; count];
    let mut in_string = false;
    let mut bytes = text.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => in_string = !in_string,
            // What is escaped ends no string.
            b'\\' if in_string => drop(bytes.next()),
            b'{' if !in_string => {
                let Some((found, _)) = text.get(at..).and_then(Placeholder::at_start) else {
                    continue;
                };
                let index = found.num.as_u64().and_then(|num| usize::try_from(num).ok());
                let Some(seen) = index.and_then(|index| seen.get_mut(index)) else { return false };
                if std::mem::replace(seen, true) {
                    return false;
                }
            }
            _ => {}
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_placeholder_has_an_attachment_of_its_own() {
        const P: [&str; 3] = [
            r#"{"_placeholder":true,"num":0}"#,
            r#"{ "num" : 1, "_placeholder" : true }"#,
            r#"{"_placeholder":true,"num":-1}"#,
        ];
        let [zero, one, odd] = P;
        for (text, count, expected) in [
            ("1]".to_owned(), 1, true),
            (format!("{zero},{{\"a\":[{one}]}}]"), 2, true),
            (format!("{one},{zero}]"), 2, true),
            (format!("{zero},{zero}]"), 2, false),
            (format!("{one}]"), 1, false),
            (format!("{odd}]"), 1, false),
            (format!("{}]", zero.replace('0', "0.5")), 1, false),
            (format!("{}]", zero.replace("true", "false")), 0, true),
            // In a string it is text.
            (format!("{},{zero}]", serde_json::Value::from(zero)), 1, true),
            (r#""\\",{"_placeholder":true,"num":7}]"#.to_owned(), 1, false),
        ] {
            assert_eq!(are_sound(&text, count), expected, "{text} with {count}");
        }
    }
}
