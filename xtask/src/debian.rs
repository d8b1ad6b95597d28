//! Debian's packages, for what the tests need and is not there: only root can install them.
//!
//! Called for the browser and for Python.

use std::path::Path;
use std::process::Command;

use crate::step::run;

/// Whether this is a Debian, and root's.
pub(crate) fn is_ours() -> bool {
    let id = Command::new("id").arg("-u").output();
    Path::new("/etc/debian_version").exists() && id.is_ok_and(|id| id.stdout == b"0\n")
}

/// Installs packages.
///
/// # Errors
///
/// When apt fails, with `advice`.
pub(crate) fn install(title: &str, packages: &[&str], advice: &str) -> Result<(), String> {
    let apt = |words: &[&str], packages: &[&str]| {
        let mut command = Command::new("apt-get");
        command.args(words).args(packages).env("DEBIAN_FRONTEND", "noninteractive");
        run(title, &mut command, advice)
    };
    apt(&["update", "-q"], &[])?;
    apt(&["install", "-q", "-y", "--no-install-recommends"], packages)
}
