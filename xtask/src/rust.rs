//! The checks of the Rust code.
//!
//! Ordered by how soon they fail. All use the dev profile and the same flags, so that what one has
//! compiled is there for the next.

use crate::step::{cargo, run};

/// Formatting, lints, documentation, tests.
pub(crate) fn test() -> Result<(), String> {
    run(
        "Formatting",
        &mut cargo(&["fmt", "--all", "--check"]),
        "`cargo fmt --all` puts it right.",
    )?;
    run(
        "Lints",
        &mut cargo(&["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"]),
        "Mend what clippy shows; `#[expect(…, reason = \"…\")]` is for the exception that can say why.",
    )?;
    run(
        "Documentation",
        cargo(&["doc", "--workspace", "--no-deps"]).env("RUSTDOCFLAGS", "-D warnings"),
        "Mend the links and examples that rustdoc shows.",
    )?;
    run(
        "Rust tests",
        &mut cargo(&["test", "--workspace"]),
        "`cargo test -p <package> <name>` runs the failing test alone.",
    )
}
