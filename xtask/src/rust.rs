//! The checks of the Rust code.
//!
//! Ordered by how soon they fail. All but one use the dev profile, every feature and the same flags, so
//! that what one has compiled is there for the next.

use std::process::{Command, Stdio};

use crate::step::{cargo, not_started, run};

/// Formatting, lints, documentation, tests, models.
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
    )?;
    models()
}

/// The unit tests that are models, each in every order of its threads. The flag is for the one package: with it,
/// others would be built again, and be something else.
fn models() -> Result<(), String> {
    let mut build = cargo(&["rustc", "--package", "socketio-core", "--lib", "--all-features"]);
    build.args(["--profile", "test", "--message-format", "json-render-diagnostics"]);
    build.args(["--", "--cfg", "loom"]).stderr(Stdio::inherit());
    let built = build.output().map_err(|error| not_started(&build, &error))?;
    let messages = String::from_utf8_lossy(&built.stdout);
    let program = executable(&messages).ok_or("The models could not be built.")?;
    run(
        "Models",
        Command::new(program).arg("models::"),
        "The first panic says which model fails, and how in some order: a deadlock is somebody whom nobody wakes.",
    )
}

/// The program that cargo says it has built.
fn executable(messages: &str) -> Option<&str> {
    let (_, path) = messages.rsplit_once(r#""executable":""#)?;
    path.split_once('"').map(|(path, _)| path)
}

const CLIPPY: &str =
    "Mend what clippy shows; `#[expect(…, reason = \"…\")]` is for the exception that can say why.";

fn clippy(packages: &[&str]) -> Command {
    let mut command = cargo(&["clippy"]);
    command.args(packages).args(["--", "-D", "warnings"]);
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_program_is_the_last_that_cargo_names() {
        let messages =
            "{\"executable\":null}\n{\"a\":1,\"executable\":\"/b/c-1\",\"fresh\":true}\n{}\n";
        assert_eq!(executable(messages), Some("/b/c-1"));
        assert_eq!(executable("{\"executable\":null}"), None);
    }
}
