//! Instructions that a message costs, counted by valgrind: the same on a busy machine as on an idle one.
//!
//! In: the program `instructions` of the package `benches`, and `benches/instructions.txt`, the figures that are
//! checked in. Out: what moved. Each case runs twice; the difference leaves out what happens once. Client and
//! server are counted together, the kernel is not.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::debian;
use crate::step::{built_dir, cargo, root, run};

/// Rounds of the short run, and how many more the long one has.
const ROUNDS: [u64; 2] = [100, 500];
/// What counts as moved, in percent: hash seeds move a little by themselves.
const TOLERANCE: f64 = 2.0;

/// Counts and compares; with `update`, the figures are checked in.
pub(crate) fn count(update: bool) -> Result<(), String> {
    let build = &["build", "--release", "--package", "socketio-benches", "--bin", "instructions"];
    run("Counted program", &mut cargo(build), "Mend what does not compile.")?;
    require_valgrind()?;
    let program = built_dir()?.with_file_name("release").join("instructions");
    let list = root().join("benches/instructions.txt");
    let before = read(&list);
    println!("\n== Instructions for each message");
    let mut lines = String::new();
    for case in output(&mut Command::new(&program))?.lines() {
        let (messages, name) = case.split_once(' ').ok_or("a case without a name")?;
        let messages: u64 = messages.parse().map_err(|error| format!("{case}: {error}"))?;
        let few = instructions(&program, name, ROUNDS[0])?;
        let many = instructions(&program, name, ROUNDS[0] + ROUNDS[1])?;
        let now = many.saturating_sub(few) / ROUNDS[1] / messages;
        println!("{now:>8} {name:<32} {}", change(before.get(name).copied(), now));
        lines += &format!("{now} {name}\n");
    }
    if update {
        fs::write(&list, lines).map_err(|error| format!("{}: {error}", list.display()))?;
    }
    Ok(())
}

/// The figures that are checked in, by name.
fn read(list: &Path) -> HashMap<String, u64> {
    let text = fs::read_to_string(list).unwrap_or_default();
    let line = |line: &str| {
        let (count, name) = line.split_once(' ')?;
        Some((name.to_owned(), count.parse().ok()?))
    };
    text.lines().filter_map(line).collect()
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

fn instructions(program: &Path, case: &str, rounds: u64) -> Result<u64, String> {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null"]);
    valgrind.arg(program).args([case, &rounds.to_string()]).stdout(Stdio::null());
    let output = valgrind.output().map_err(|error| format!("valgrind: {error}"))?;
    let text = String::from_utf8_lossy(&output.stderr);
    let count = text.lines().find_map(|line| line.split_once(" refs:")).map(|(_, count)| count);
    let count = count.and_then(|count| count.trim().replace(',', "").parse().ok());
    count.filter(|_| output.status.success()).ok_or_else(|| format!("{case}: {text}"))
}

fn output(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    String::from_utf8(output.stdout).map_err(|error| error.to_string())
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
