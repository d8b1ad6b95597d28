//! Reads what is to happen before a handler: `#[guard(path)]` and `#[throttle(10, per = "1s")]`.
//!
//! On a method they are about its events, on the block about its connections and all their events.

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};
use syn::parse::Parser as _;
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Lit, Path, Token};

use super::{Entry, arguments, entries, set_once, text, unknown};
use crate::errors::Errors;

/// A guard, named by the path of its type, or made as a tuple struct.
pub(crate) struct Guard {
    pub(crate) path: Path,
    /// The guard as a value.
    pub(crate) value: TokenStream,
}

/// How often events may come.
pub(crate) struct Throttle {
    pub(crate) count: u64,
    pub(crate) nanoseconds: u64,
}

impl Guard {
    /// Reads `#[guard(path)]`, `#[guard(Path(value))]`.
    pub(crate) fn read(attr: &Attribute, errors: &mut Errors) -> Option<Self> {
        const FORM: &str =
            "name one guard: `#[guard(path)]`, or `#[guard(Type(value))]` for a tuple struct";
        let before = errors.count();
        let tokens = arguments(attr, "#[guard(path)]", errors);
        let parsed = Punctuated::<Expr, Token![,]>::parse_terminated.parse2(tokens);
        let mut guards = match parsed {
            Ok(guards) => guards.into_iter(),
            Err(error) => {
                errors.push(error);
                return None;
            }
        };
        let first = guards.next();
        if let Some(second) = guards.next() {
            errors.at(second, "one guard per attribute: write `#[guard(…)]` for each, in order");
        }
        match first {
            Some(Expr::Path(path)) if path.qself.is_none() => {
                let path = path.path;
                Some(Self { value: quote!(#path {}), path })
            }
            Some(Expr::Call(call)) => match &*call.func {
                Expr::Path(path) if is_type(&path.path) => {
                    Some(Self { path: path.path.clone(), value: call.to_token_stream() })
                }
                other => {
                    errors.at(other, FORM);
                    None
                }
            },
            Some(other) => {
                errors.at(other, FORM);
                None
            }
            None if errors.count() == before => {
                errors.at(&attr.meta, FORM);
                None
            }
            None => None,
        }
    }
}

/// Whether this may name a type: what is behind a type's name is a function or a variant of it.
fn is_type(path: &Path) -> bool {
    let before = path.segments.iter().rev().nth(1);
    !before.is_some_and(|before| before.ident.to_string().starts_with(char::is_uppercase))
}

impl Throttle {
    /// Reads `#[throttle(10, per = "1s")]`.
    pub(crate) fn read(attr: &Attribute, errors: &mut Errors) -> Option<Self> {
        const FORM: &str = "write how many may come in which time: `#[throttle(10, per = \"1s\")]`";
        let before = errors.count();
        let (mut count, mut per) = (None, None);
        let tokens = arguments(attr, "#[throttle(10, per = \"1s\")]", errors);
        for (index, entry) in entries(tokens, errors).into_iter().enumerate() {
            match entry {
                Entry::Value(value) if index == 0 => count = self::count(&value, errors),
                Entry::Pair(key, value) if key == "per" => {
                    set_once(&mut per, nanoseconds(&value, errors), &key, errors);
                }
                Entry::Value(value) => {
                    errors.at(value, "a throttle has one number, and it comes first");
                }
                other => unknown(&other, &["per"], errors),
            }
        }
        if errors.count() == before && (count.is_none() || per.is_none()) {
            errors.at(&attr.meta, FORM);
        }
        Some(Self { count: count?, nanoseconds: per? })
    }
}

fn count(value: &Expr, errors: &mut Errors) -> Option<u64> {
    let count = match value {
        Expr::Lit(ExprLit { lit: Lit::Int(number), .. }) => number.base10_parse::<u32>().ok(),
        _ => None,
    };
    let message = match count {
        Some(0) => "no event could ever come: write 1 or more",
        None => "expected how many events may come, as a whole number such as `10`",
        Some(count) => return Some(count.into()),
    };
    errors.at(value, message);
    None
}

/// The units of a duration, in nanoseconds.
const UNITS: [(&str, u64); 4] =
    [("ms", 1_000_000), ("s", 1_000_000_000), ("m", 60_000_000_000), ("h", 3_600_000_000_000)];

fn nanoseconds(value: &Expr, errors: &mut Errors) -> Option<u64> {
    let read = text(value).and_then(|text| {
        let text = text.value();
        let (number, unit) = text.split_at(text.find(|digit: char| !digit.is_ascii_digit())?);
        let (_, nanoseconds) = UNITS.iter().find(|(known, _)| *known == unit)?;
        number.parse::<u64>().ok()?.checked_mul(*nanoseconds)
    });
    if read.is_none_or(|nanoseconds| nanoseconds == 0) {
        let message = "expected a time, such as `\"500ms\"`, `\"1s\"`, `\"5m\"` or `\"1h\"`";
        errors.at(value, message);
        return None;
    }
    read
}
