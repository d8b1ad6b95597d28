//! What an editor says to the examples, by rust-analyzer: macros that work for the compiler alone are half a product.
//!
//! In: the language server and the standard library's source, of the toolchain or of Debian; out: what it reports of
//! the examples' own code at the level of a warning or above.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::debian;
use crate::step::{not_started, root};

/// A language server, and where the standard library's source is.
pub(crate) struct Server {
    program: PathBuf,
    library: PathBuf,
}

/// Gives the one that `RUST_ANALYZER` names, the toolchain's, or Debian's, which root installs.
///
/// # Errors
///
/// When there is none, or no source of the standard library, with what to install.
pub(crate) fn find() -> Result<Server, String> {
    if let Some(server) = installed() {
        return Ok(server);
    }
    if debian::is_ours() {
        println!("\nThere is no rust-analyzer: installing Debian's package.");
        let packages = ["rust-web-analyzer", "rust-web-src"];
        debian::install("rust-analyzer", &packages, "Install it by hand.")?;
    }
    installed().ok_or_else(|| {
        "rust-analyzer is missing (`rustup component add rust-analyzer rust-src`, or name one in \
         RUST_ANALYZER)."
            .to_owned()
    })
}

fn installed() -> Option<Server> {
    let named = env::var_os("RUST_ANALYZER").map(PathBuf::from);
    let others = ["rust-analyzer", "/usr/bin/rust-analyzer"].map(PathBuf::from);
    let works = |program: &PathBuf| {
        let version = Command::new(program).arg("--version").output();
        version.is_ok_and(|version| version.status.success())
    };
    let program = named.into_iter().chain(others).find(works)?;
    Some(Server { program, library: library()? })
}

/// The source of the standard library: `RUST_SRC_PATH`, the toolchain's, or Debian's.
fn library() -> Option<PathBuf> {
    let named = env::var_os("RUST_SRC_PATH").map(PathBuf::from);
    let sysroot = Command::new("rustc").args(["--print", "sysroot"]).output().ok()?;
    let sysroot = String::from_utf8(sysroot.stdout).ok()?;
    let own = Path::new(sysroot.trim()).join("lib/rustlib/src/rust/library");
    let debian = fs::read_dir("/usr/src").into_iter().flatten().flatten();
    let debian = debian.map(|entry| entry.path().join("library"));
    named.into_iter().chain([own]).chain(debian).find(|path| path.join("std").is_dir())
}

/// Lets it look at the examples.
///
/// # Errors
///
/// With what it reports, if that is anything.
pub(crate) fn diagnostics(server: &Server) -> Result<(), String> {
    println!("\n== rust-analyzer diagnostics examples");
    let mut command = Command::new(&server.program);
    command.args(["diagnostics", "--severity", "warning", "examples"]).current_dir(root());
    let output = command.env("RUST_SRC_PATH", &server.library).output();
    let output = output.map_err(|error| not_started(&command, &error))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let reported = reported(&text);
    if !output.status.success() && reported.is_empty() {
        return Err(String::from_utf8_lossy(&output.stderr).trim().to_owned());
    }
    if reported.is_empty() { Ok(()) } else { Err(reported.join("\n")) }
}

/// The lines about the examples, without what is said of progress.
fn reported(text: &str) -> Vec<&str> {
    let lines = text.split(['\r', '\n', '\u{8}']).filter_map(|line| line.split_once("at crate "));
    let lines = lines.map(|(_, line)| line.trim_end());
    lines.filter(|line| line.contains("/examples/") && !line.contains("WeakWarning")).collect()
}

#[cfg(test)]
mod tests {
    use super::reported;

    #[test]
    fn what_is_about_the_examples_is_told_from_progress() {
        let text = "1/9 11% processing /w/examples/src/lib.rs\u{8}\u{8}at crate chat, file \
                    /w/examples/src/bin/chat.rs: Error Ra(\"x\", Error): no\n2/9 22% at crate core, file \
                    /w/core/src/lib.rs: Error\nat crate chat, file /w/examples/a.rs: WeakWarning Ra\n";
        let expected = "chat, file /w/examples/src/bin/chat.rs: Error Ra(\"x\", Error): no";
        assert_eq!(reported(text), [expected]);
    }
}
