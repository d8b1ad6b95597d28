//! The machine and the versions of what ran on it, for whoever reads the figures.
//!
//! In: `/proc`, and programs that tell their version. Out: lines of text. Which core is whose is here, too.

use std::ffi::OsStr;
use std::fs;
use std::process::{Command, Stdio};

/// The core that a server has for itself.
pub(crate) const SERVER_CORE: &str = "0";
/// The core of the load generator.
pub(crate) const LOAD_CORE: &str = "1";

/// Runs its arguments on a core, with as many files as may be open, and ends them with whoever started them.
const PINNED: &str =
    "ulimit -Sn \"$(ulimit -Hn)\"; exec setpriv --pdeathsig KILL taskset -c \"$0\" \"$@\"";

/// A command that has a core for itself; it ends with this process, however that does.
pub(crate) fn on_core(core: &str, program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new("sh");
    command.args(["-c", PINNED, core]).arg(program).stdin(Stdio::null());
    command
}

/// The machine: processor, cores, kernel, and what else it was doing.
pub(crate) fn lines() -> Vec<String> {
    let read = |path: &str| fs::read_to_string(path).unwrap_or_default();
    let info = read("/proc/cpuinfo");
    let models: Vec<_> = info.lines().filter_map(|line| line.strip_prefix("model name")).collect();
    let model = models.first().map_or("?", |model| model.trim_start_matches([' ', '\t', ':']));
    vec![
        format!("Processor: {model}, {} cores", models.len()),
        format!("Kernel: Linux {}", read("/proc/sys/kernel/osrelease").trim()),
        format!("Load average when it began: {}", read("/proc/loadavg").trim()),
        format!("Compiler: {}", version("rustc")),
    ]
}

/// What a program says of its version.
pub(crate) fn version(program: &str) -> String {
    let output = Command::new(program).arg("--version").output();
    output.map_or("?".to_owned(), |output| {
        String::from_utf8_lossy(&output.stdout).lines().next().unwrap_or("?").to_owned()
    })
}
