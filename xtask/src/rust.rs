//! The checks of the Rust code.
//!
//! Ordered by how soon they fail. All but one use the dev profile, every feature and the same flags, so
//! that what one has compiled is there for the next.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::step::{cargo, not_started, root, run};

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
    let mut list = Command::new(program);
    let list =
        list.args(["models::", "--list"]).output().map_err(|error| not_started(&list, &error))?;
    let modules = modules(&Path::new(root()).join("socketio-core/src"))
        .map_err(|error| format!("The modules of models could not be looked for: {error}"))?;
    let without = without_tests(&modules, &String::from_utf8_lossy(&list.stdout));
    if modules.is_empty() || !without.is_empty() {
        return Err(format!(
            "Models would not be run: of {modules:?}, these have none: {without:?}."
        ));
    }
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

/// The modules of models below a folder of sources, as their tests' names begin; a public one is what they are run with.
fn modules(sources: &Path) -> io::Result<Vec<String>> {
    let (mut folders, mut found) = (vec![sources.to_owned()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                folders.push(path);
            } else if fs::read_to_string(&path)?.lines().any(|line| line.starts_with("mod models"))
            {
                found.push(module(path.strip_prefix(sources).unwrap_or(&path)) + "::models::");
            }
        }
    }
    Ok(found)
}

/// The module that a file is, by its path in the sources.
fn module(file: &Path) -> String {
    let path = file.with_extension("");
    let names = path.iter().filter(|name| *name != "mod").map(OsStr::to_string_lossy);
    names.collect::<Vec<_>>().join("::")
}

/// Those of these modules of which no test is in a list.
fn without_tests<'a>(modules: &'a [String], list: &str) -> Vec<&'a str> {
    let has_one = |module: &str| list.lines().any(|test| test.starts_with(module));
    modules.iter().map(|module| &**module).filter(|module| !has_one(module)).collect()
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

    #[test]
    fn a_module_of_models_without_a_test_is_missed() {
        assert_eq!(module(Path::new("a/mod.rs")), "a");
        let modules = ["a/b.rs", "c.rs"].map(|file| module(Path::new(file)) + "::models::");
        let list = "a::b::models::one: test\nc::other: test\n\n2 tests, 0 benchmarks\n";
        assert_eq!(without_tests(&modules, list), ["c::models::"]);
    }
}
