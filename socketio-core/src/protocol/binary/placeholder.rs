//! The object that stands for an attachment.

use std::fmt;

use serde::de::{Deserializer, IgnoredAny, Visitor};
use serde::{Deserialize, de};

/// Keys of a placeholder, one of which is its first.
const KEYS: [&str; 2] = ["_placeholder", "num"];

/// `{"_placeholder":true,"num":0}`, its keys in any order: clients that write them from a hash table are
/// in use. An object with another key is none, though the reference takes it for one.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Placeholder {
    #[serde(rename = "_placeholder")]
    is_one: bool,
    num: Num,
}

/// Which attachment; [`None`] for what is no such number. What has others in it makes no placeholder, or objects within
/// each other would be read over and over.
struct Num(Option<usize>);

impl<'de> Deserialize<'de> for Num {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumVisitor)
    }
}

struct NumVisitor;

impl Visitor<'_> for NumVisitor {
    type Value = Num;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the number of an attachment")
    }

    fn visit_u64<E: de::Error>(self, num: u64) -> Result<Num, E> {
        Ok(Num(num.try_into().ok()))
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Num, E> {
        Ok(Num(None))
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Num, E> {
        Ok(Num(None))
    }

    fn visit_str<E: de::Error>(self, _: &str) -> Result<Num, E> {
        Ok(Num(None))
    }

    fn visit_bool<E: de::Error>(self, _: bool) -> Result<Num, E> {
        Ok(Num(None))
    }

    fn visit_unit<E: de::Error>(self) -> Result<Num, E> {
        Ok(Num(None))
    }
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
        attachments.get(self.num.0?)
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
                let Some(seen) = found.num.0.and_then(|index| seen.get_mut(index)) else {
                    return false;
                };
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
            (format!("{}]", zero.replace('0', "\"0\"")), 1, false),
            (format!("{}]", zero.replace('0', "null")), 1, false),
            (format!("{}]", zero.replace('0', "[0]")), 1, true),
            (format!("{}]", zero.replace("true", "false")), 0, true),
            // In a string it is text.
            (format!("{},{zero}]", serde_json::Value::from(zero)), 1, true),
            (r#""\\",{"_placeholder":true,"num":7}]"#.to_owned(), 1, false),
        ] {
            assert_eq!(are_sound(&text, count), expected, "{text} with {count}");
        }
    }
}
