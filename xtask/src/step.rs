//! One step of a check: a command under a heading.
//!
//! In: what the step is called, the command, what to do if it fails. Out: the command's output as it
//! comes, and that advice as the error. Called by every check.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs a command to its end under a heading that shows it.
///
/// # Errors
///
/// When the command can't be started or fails, with `advice`.
pub(crate) fn run(title: &str, command: &mut Command, advice: &str) -> Result<(), String> {
    println!("\n== {title}: {}", line(command));
    let status = command.status().map_err(|error| not_started(command, &error))?;
    if status.success() { Ok(()) } else { Err(format!("{title} failed. {advice}")) }
}

/// The message about a command that could not be started.
pub(crate) fn not_started(command: &Command, error: &std::io::Error) -> String {
    format!("`{}` could not be started: {error}", name(command.get_program()))
}

/// A call of the cargo that runs this, at the root of the workspace.
pub(crate) fn cargo(args: &[&str]) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.args(args).current_dir(root());
    command
}

/// The folder that cargo builds into: the one this program was built into.
pub(crate) fn built_dir() -> Result<PathBuf, String> {
    let this = env::current_exe().map_err(|error| format!("no path to this program: {error}"))?;
    this.parent().map(Path::to_owned).ok_or_else(|| "this program is in no folder".to_owned())
}

/// The root of the workspace.
pub(crate) fn root() -> &'static Path {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package)
}

/// The command as one would type it.
fn line(command: &Command) -> String {
    let args = command.get_args().map(|arg| arg.to_string_lossy().into_owned());
    let words: Vec<_> = std::iter::once(name(command.get_program())).chain(args).collect();
    words.join(" ")
}

/// A program's name without its folder.
fn name(program: &OsStr) -> String {
    Path::new(program).file_name().unwrap_or(program).to_string_lossy().into_owned()
}
