//! The checks of the Rust code.
//!
//! Ordered by how soon they fail. All but one use the dev profile, every feature and the same flags, so
//! that what one has compiled is there for the next.

use std::process::Command;

use crate::step::{cargo, run};

/// Formatting, lints, documentation, tests.
pub(crate) fn test() -> Result<(), String> {
    run(
        "Formatting",
        &mut cargo(&["fmt", "--all", "--check"]),
        "`cargo fmt --all` puts it right.",
    )?;
    run("Lints", &mut clippy(&["--workspace", "--all-features", "--all-targets"]), CLIPPY)?;
    run("Lints without features", &mut clippy(&["--package", "socketio-core"]), CLIPPY)?;
    run(
        "Documentation",
        cargo(&["doc", "--workspace", "--all-features", "--no-deps"])
            .env("RUSTDOCFLAGS", "-D warnings"),
        "Mend the links and examples that rustdoc shows.",
    )?;
    run(
        "Rust tests",
        &mut cargo(&["test", "--workspace", "--all-features"]),
        "`cargo test -p <package> <name>` runs the failing test alone.",
    )
}

const CLIPPY: &str =
    "Mend what clippy shows; `#[expect(…, reason = \"…\")]` is for the exception that can say why.";

fn clippy(packages: &[&str]) -> Command {
    let mut command = cargo(&["clippy"]);
    command.args(packages).args(["--", "-D", "warnings"]);
    command
}
