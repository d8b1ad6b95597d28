//! Instructions that a message costs, counted by valgrind: the same on a busy machine as on an idle one.
//!
//! In: the program `instructions` of the package `benches`, built with the profile `counted`, and
//! `benches/instructions.txt`, the compiler and the figures that are checked in. Out: what moved. Callgrind counts what
//! the program's function `counted` does and writes a file after each call of it. Client and server are counted
//! together, the kernel is not.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::debian;
use crate::step::{built_dir, cargo, not_started, root, run};

/// What is counted, by the name that its symbol stands for.
const COUNTED: &str = "instructions::counted";
/// What counts as moved, in percent: hash seeds move a little by themselves.
const TOLERANCE: f64 = 2.0;

/// Counts and compares; with `update`, the figures are checked in.
///
/// # Errors
///
/// When nothing can be counted here. What moved is none.
pub(crate) fn count(update: bool) -> Result<(), String> {
    let package = &["--package", "socketio-benches", "--bin", "instructions"];
    let mut build = cargo(&["build", "--profile", "counted"]);
    run("Counted program", build.args(package), "Mend what does not compile.")?;
    require_valgrind()?;
    let list = root().join("benches/instructions.txt");
    let text = fs::read_to_string(&list).unwrap_or_default();
    let (compiler, before) = read(&text);
    let mut lines = output(Command::new("rustc").arg("--version"))?;
    println!("\n== Instructions for each message");
    if compiler != lines.trim() {
        println!("with {}, before with {compiler}", lines.trim());
    }
    for (name, now) in instructions(&built_dir()?.with_file_name("counted"))? {
        println!("{now:>8} {name:<34} {}", change(before.get(&*name).copied(), now));
        lines += &format!("{now} {name}\n");
    }
    if update {
        fs::write(&list, lines).map_err(|error| format!("{}: {error}", list.display()))?;
    }
    Ok(())
}

/// What is checked in: the compiler, and the figures by name.
fn read(text: &str) -> (&str, HashMap<&str, u64>) {
    let (compiler, lines) = text.split_once('\n').unwrap_or_default();
    let figures = lines.lines().filter_map(|line| {
        let (count, name) = line.split_once(' ')?;
        Some((name, count.parse().ok()?))
    });
    (compiler, figures.collect())
}

/// How far a figure is from what it was.
#[expect(clippy::cast_precision_loss, reason = "instructions of one message are far below 2^52")]
fn change(before: Option<u64>, now: u64) -> String {
    let Some(before) = before else { return "new".to_owned() };
    let percent = (now as f64 / before.max(1) as f64 - 1.0) * 100.0;
    if percent.abs() <= TOLERANCE {
        return format!("was {before}");
    }
    format!("was {before}: MOVED by {percent:+.1} %")
}

/// Runs all cases; gives the name of each and what a message of it costs.
fn instructions(built: &Path) -> Result<Vec<(String, u64)>, String> {
    let counts = built.join("counts");
    // Whatever is there is of another run; it need not be.
    let _there_was_none = fs::remove_dir_all(&counts);
    fs::create_dir_all(&counts).map_err(|error| format!("{}: {error}", counts.display()))?;
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=callgrind", "--quiet"]);
    valgrind.args([format!("--toggle-collect={COUNTED}"), format!("--dump-after={COUNTED}")]);
    valgrind.arg(format!("--callgrind-out-file={}", counts.join("of").display()));
    let cases = output(valgrind.arg(built.join("instructions")))?;
    let case = |(at, case): (usize, &str)| {
        let (messages, name) = case.split_once(' ')?;
        let dump = fs::read_to_string(counts.join(format!("of.{}", at + 1))).ok()?;
        let total = dump.lines().find_map(|line| line.strip_prefix("totals: "))?;
        let total: u64 = total.trim().parse().ok()?;
        Some((name.to_owned(), total.checked_div(messages.parse().ok()?)?))
    };
    let of_all: Option<Vec<_>> = cases.lines().enumerate().map(case).collect();
    of_all.ok_or_else(|| format!("valgrind wrote no counts of `{COUNTED}`"))
}

fn output(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| not_started(command, &error))?;
    if output.status.success() {
        String::from_utf8(output.stdout).map_err(|error| error.to_string())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
    }
}

/// Makes sure that valgrind is there; root on a Debian installs it.
fn require_valgrind() -> Result<(), String> {
    let works = || Command::new("valgrind").arg("--version").output().is_ok();
    if !works() && debian::is_ours() {
        println!("\nThere is no valgrind: installing Debian's package.");
        debian::install("valgrind", &["valgrind"], "Install it by hand.")?;
    }
    if works() {
        Ok(())
    } else {
        Err("valgrind is missing (Debian: `apt-get install valgrind`).".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_moved_is_told_from_what_wavers() {
        for (before, now, expected) in [
            (None, 100, "new"),
            (Some(100), 101, "was 100"),
            (Some(100), 110, "was 100: MOVED by +10.0 %"),
            (Some(100), 50, "was 100: MOVED by -50.0 %"),
        ] {
            assert_eq!(change(before, now), expected);
        }
    }
}
