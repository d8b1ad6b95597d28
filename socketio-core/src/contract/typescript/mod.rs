//! The contract as TypeScript, for the official client's `Socket<ServerToClientEvents, ClientToServerEvents>`.
//!
//! In: a [`Connection`] and what its types say of themselves (`asked`); out: one file's text (`write`), the same for
//! the same contract, or everything that keeps it from being written. Called by users' programs and tests.

pub mod asked;
mod write;

use std::path::{Path, PathBuf};
use std::{env, fmt, fs, io};

pub(super) use asked::Ask;
use write::Writer;

use super::Connection;

/// What [`Connection::check_typescript`] looks for in the environment.
const UPDATE: &str = "UPDATE_TYPESCRIPT";

impl Connection {
    /// The contract as TypeScript: the interfaces `ServerToClientEvents` and `ClientToServerEvents`, those of
    /// endpoints with the name of their type in front, and the types in them.
    ///
    /// ```
    /// use socketio_core::{contract, prelude::*};
    ///
    /// #[derive(Default)]
    /// struct Adder;
    ///
    /// #[socket_connection]
    /// impl Adder {
    ///     /// Adds up.
    ///     #[event(args = "positional")]
    ///     fn add(&self, a: i64, b: i64) -> i64 { a + b }
    /// }
    ///
    /// let typescript = contract::of::<Adder>().typescript()?;
    /// assert!(typescript.contains(
    ///     "add: (a: number, b: number, callback: (answer: number) => void) => void;"
    /// ));
    /// # Ok::<(), contract::Untyped>(())
    /// ```
    ///
    /// Types say what they are with `#[derive(ts_rs::TS)]`, of [ts-rs](https://docs.rs/ts-rs) 12. An event whose
    /// answer is a value takes the callback for it, so that `emitWithAck` knows what it gives; one whose answer is
    /// none may be emitted without. A tuple or an array is several values, anything else one, a tuple struct, too.
    /// That serde's `transparent` or `untagged` makes a type a tuple is not seen: return the tuple itself.
    ///
    /// What keeps a handler from answering is not in the types, but in the head of the file: a guard, a throttle, a
    /// check, arguments that can't be read and a panic answer `{ error: string, data?: any }` instead.
    ///
    /// # Errors
    ///
    /// When types don't say what they are, with all of them.
    pub fn typescript(&self) -> Result<String, Untyped> {
        Writer::default().write(self)
    }

    /// Compares a checked-in file with [`typescript`](Self::typescript): a test in one line. With
    /// `UPDATE_TYPESCRIPT=1` in the environment, it writes the file instead. `cargo test` resolves the path from
    /// the package's root.
    ///
    /// ```no_run
    /// # use socketio_core::{contract, prelude::*};
    /// # #[derive(Default)]
    /// # struct Chat;
    /// # #[socket_connection]
    /// # impl Chat {}
    /// #[test]
    /// fn typescript_is_current() -> Result<(), contract::TypeScriptError> {
    ///     contract::of::<Chat>().check_typescript("web/events.ts")
    /// }
    /// ```
    ///
    /// # Errors
    ///
    /// When the file is stale, with the command that renews it.
    pub fn check_typescript(&self, file: impl AsRef<Path>) -> Result<(), TypeScriptError> {
        let current = self.typescript().map_err(TypeScriptError::Untyped)?;
        let file = file.as_ref();
        let io = |error| TypeScriptError::Io(file.to_owned(), error);
        if env::var_os(UPDATE).is_some() {
            return fs::write(file, current).map_err(io);
        }
        match fs::read_to_string(file) {
            // Git may have turned its lines to those of Windows.
            Ok(text) if text.replace("\r\n", "\n") == current => Ok(()),
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(io(error)),
            _ => Err(TypeScriptError::Stale(file.to_owned())),
        }
    }
}

/// Types that don't say what they are in TypeScript, so the contract can't be written.
#[derive(Clone, PartialEq, Eq, thiserror::Error)]
#[error("the contract can't be told in TypeScript:\n  {}", .0.join("\n  "))]
pub struct Untyped(Vec<String>);

/// Why a file is not what [`Connection::typescript`] writes.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum TypeScriptError {
    /// The contract can't be written.
    #[error(transparent)]
    Untyped(Untyped),
    /// The file is not there, or holds something else.
    #[error(
        "{} is not what the contract says now; `{UPDATE}=1 cargo test` writes it anew",
        .0.display()
    )]
    Stale(PathBuf),
    /// The file could not be read or written.
    #[error("{}: {_1}", .0.display())]
    Io(PathBuf, #[source] io::Error),
}

/// As a test shows it that returns it.
macro_rules! debug_as_display {
    ($($error:ty),*) => {$(
        impl fmt::Debug for $error {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    )*};
}

debug_as_display!(Untyped, TypeScriptError);
