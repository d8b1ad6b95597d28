//! What a type is in TypeScript, asked of the type itself.
//!
//! `__typescript!` writes a function that asks, with [`Via`] traits in scope of which method resolution takes
//! the first that holds for the type. So a type that has nothing to say still compiles, and is named by who
//! wants to know.

use std::any::{TypeId, type_name};
use std::collections::{BTreeMap, HashSet};
use std::fmt::Display;
use std::marker::PhantomData;

use bytes::Bytes;
use serde::Serialize;
use serde_json::value::RawValue;
use ts_rs::{Config, TS, TypeVisitor};

/// Asks a type; [`None`] if it has nothing to say.
pub type Ask = fn(&mut Types) -> Option<Said>;

/// What a type says.
#[derive(Debug)]
pub struct Said {
    /// It in TypeScript; of a `Result`, its value.
    pub(super) name: String,
    /// How many values it is as an answer.
    pub(super) count: Count,
    /// Of a `Result`, its error in TypeScript.
    pub(super) error: Option<String>,
}

/// How many values a type is as an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Count {
    /// `()`.
    None,
    One,
    /// A tuple or an array, maybe in a box.
    Many,
}

impl Count {
    /// As `socket::args` counts: what is only told as a tuple, such as a tuple struct, is one value.
    /// A type's name does not show what serde's `transparent` and `untagged` make of it.
    fn of<T: 'static>() -> Self {
        if TypeId::of::<T>() == TypeId::of::<()>() {
            return Self::None;
        }
        let mut name = type_name::<T>();
        while let Some(inside) = BOXES.iter().find_map(|begin| name.strip_prefix(begin)) {
            name = inside;
        }
        let is_array = || {
            let ends_in = name.trim_end_matches('>').strip_suffix(']');
            let length = ends_in.and_then(|all| all.rsplit_once("; "));
            length.is_some_and(|(_, length)| length.bytes().all(|b| b.is_ascii_digit()))
        };
        match name.as_bytes() {
            [b'(', ..] => Self::Many,
            [b'[', ..] if is_array() => Self::Many,
            _ => Self::One,
        }
    }
}

/// What is written as what is in it.
const BOXES: [&str; 5] =
    ["&", "alloc::boxed::Box<", "alloc::rc::Rc<", "alloc::sync::Arc<", "alloc::borrow::Cow<"];

/// The declarations that are needed, by name.
pub struct Types {
    config: Config,
    seen: HashSet<TypeId>,
    declared: BTreeMap<String, Declaration>,
}

/// A type that has a name in TypeScript.
#[derive(Debug)]
struct Declaration {
    docs: String,
    declaration: String,
    /// Whether another type has the same name.
    is_ambiguous: bool,
}

impl Types {
    pub(super) fn new() -> Self {
        let config = Config::new().with_large_int("number");
        Self { config, seen: HashSet::new(), declared: BTreeMap::new() }
    }

    /// All declarations, as they stand in the file.
    pub(super) fn declarations(&self) -> impl Iterator<Item = String> {
        let all = self.declared.values();
        all.map(|one| format!("\n{}export {}\n", one.docs, one.declaration))
    }

    /// The names that mean two types.
    pub(super) fn ambiguous(&self) -> impl Iterator<Item = &str> {
        self.declared.iter().filter(|(_, one)| one.is_ambiguous).map(|(name, _)| &**name)
    }

    fn name<T: TS + 'static>(&mut self) -> String {
        self.visit::<T>();
        T::visit_generics(self);
        T::name(&self.config)
    }

    fn said<T: TS + 'static>(&mut self, error: Option<String>) -> Option<Said> {
        Some(Said { name: self.name::<T>(), count: Count::of::<T>(), error })
    }
}

impl TypeVisitor for Types {
    fn visit<T: TS + 'static + ?Sized>(&mut self) {
        if !self.seen.insert(TypeId::of::<T>()) {
            return;
        }
        if T::output_path().is_some() {
            let declaration = T::decl(&self.config);
            let docs = T::docs().unwrap_or_default();
            let new = Declaration { docs, declaration, is_ambiguous: false };
            let known = self.declared.entry(T::ident(&self.config));
            let known = known.and_modify(|known| {
                known.is_ambiguous |= known.declaration != new.declaration;
            });
            known.or_insert(new);
        }
        T::visit_dependencies(self);
    }
}

/// A type to ask.
#[derive(Debug)]
pub struct Asked<T>(PhantomData<T>);

impl<T> Asked<T> {
    /// Asks nothing yet.
    #[expect(clippy::new_without_default, reason = "only the macro makes one")]
    pub const fn new() -> Self {
        Self(PhantomData)
    }
}

/// Types that others wrote, and that are something else on the wire than they are to serde.
pub trait OnTheWire {
    /// What they are there.
    const NAME: &'static str;
}

/// As in `protocol`: what the official client takes and gives for bytes.
const BYTES: &str = "ArrayBuffer | Uint8Array";

macro_rules! on_the_wire {
    ($($ty:ty = $name:expr;)*) => {$(
        impl OnTheWire for $ty {
            const NAME: &'static str = $name;
        }
    )*};
}

on_the_wire! {
    &'static [u8] = BYTES;
    Bytes = BYTES;
    &'static RawValue = "any";
    Box<RawValue> = "any";
}

macro_rules! via {
    ($($(#[$doc:meta])* $name:ident: {$($generics:tt)*} $of:ty, $types:pat => $said:expr;)*) => {$(
        $(#[$doc])*
        pub trait $name {
            /// What the type says.
            fn said(&self, types: &mut Types) -> Option<Said>;
        }

        impl<$($generics)*> $name for $of {
            fn said(&self, types: &mut Types) -> Option<Said> {
                let $types = types;
                $said
            }
        }
    )*};
}

via! {
    /// The first way.
    ViaWire: {T: OnTheWire} &&&&&Asked<T>, _ =>
        Some(Said { name: T::NAME.to_owned(), count: Count::One, error: None });
    /// The way of results whose errors are sent as they are.
    ViaError: {T: TS + 'static, E: Serialize + TS + 'static} &&&&Asked<Result<T, E>>, types => {
        let error = types.name::<E>();
        types.said::<T>(Some(error))
    };
    /// The way of results whose errors are sent as they are, and don't say what that is.
    ViaUnknownError: {T, E: Serialize} &&&Asked<Result<T, E>>, _ => None;
    /// The way of results whose errors are sent as their message.
    ViaMessage: {T: TS + 'static, E: Display} &&Asked<Result<T, E>>, types =>
        types.said::<T>(Some("string".to_owned()));
    /// The way of all other types that say what they are.
    ViaTs: {T: TS + 'static} &Asked<T>, types => types.said::<T>(None);
    /// The last way.
    ViaSilence: {T} Asked<T>, _ => None;
}

/// Gives a type what it says in TypeScript.
#[doc(hidden)]
#[macro_export]
macro_rules! __typescript {
    ($described:expr, $ty:ty) => {
        $described.with_typescript(|types| {
            #[allow(unused_imports)]
            use $crate::__private::typescript::{
                ViaError as _, ViaMessage as _, ViaSilence as _, ViaTs as _, ViaUnknownError as _,
                ViaWire as _,
            };
            (&&&&&&$crate::__private::typescript::Asked::<$ty>::new()).said(types)
        })
    };
}
