//! Throws inputs at the targets of the package `socketio-fuzz`, by libFuzzer.
//!
//! In: how many minutes all targets have together. Out: a line for each with what was run and reached, or where the input
//! lies that broke something. Builds with the stable toolchain: `rustc` counts what is reached by its LLVM's
//! own pass, and the engine is a library. What was found lies beside what was built, in `fuzz/corpus`,
//! and the next run begins with it; the first begins with the seeds.

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;

use crate::step::{built_dir, cargo, not_started, run as step};

/// The targets, each a program of the package.
const TARGETS: [&str; 8] =
    ["legacy", "engineio3", "engineio4", "socketio", "msgpack", "json", "websocket", "session"];

/// What `cargo fuzz` says to the compiler, without what needs a nightly one: there is no `unsafe` to look into.
const FLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
    -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares";

/// The most bytes of an input.
const MAX_BYTES: u32 = 4096;

/// Runs all targets, one after the other.
///
/// # Errors
///
/// When something can't be built, or an input breaks something.
pub(crate) fn run(minutes: &str) -> Result<(), String> {
    let minutes = minutes.parse().ok().filter(|minutes| *minutes > 0.0 && *minutes < 1e6);
    let minutes: f64 = minutes.ok_or("`--minutes` takes a number of minutes, as 10 or 0.5")?;
    let seconds = (minutes * 60.0 / TARGETS.len() as f64).ceil();
    let home = built_dir()?.join("fuzz");
    let corpora = home.join("corpus");
    let mut seeds = cargo(&["run", "--package", "socketio-fuzz", "--example", "seeds", "--"]);
    step("Seeds", seeds.arg(&corpora), "Mend what does not compile.")?;
    let host = host()?;
    let mut build = cargo(&["build", "--package", "socketio-fuzz", "--bins", "--profile", "fuzz"]);
    build.args(["--target", &host]).env("CARGO_TARGET_DIR", &home).env("RUSTFLAGS", FLAGS);
    step("Targets with libFuzzer", &mut build, "Mend what does not compile.")?;
    println!("\n== {} targets, {seconds} s each\n", TARGETS.len());
    println!("{:<12}{:>14}{:>12}{:>10}", "target", "executions", "coverage", "corpus");
    for target in TARGETS {
        let program = home.join(&host).join("fuzz").join(target);
        fuzz(target, &program, &home, seconds)?;
    }
    Ok(())
}

/// Runs one target and prints what came of it.
fn fuzz(target: &str, program: &Path, home: &Path, seconds: f64) -> Result<(), String> {
    let (corpus, crashes) = (home.join("corpus").join(target), home.join("crashes").join(target));
    let failed = |path: &Path, error: std::io::Error| format!("{}: {error}", path.display());
    fs::create_dir_all(&crashes).map_err(|error| failed(&crashes, error))?;
    let path = home.join(format!("{target}.log"));
    let log = File::create(&path).map_err(|error| failed(&path, error))?;
    let mut command = Command::new(program);
    command.args(["-print_final_stats=1", "-timeout=10", "-rss_limit_mb=2048"]);
    command.arg(format!("-max_total_time={seconds}")).arg(format!("-max_len={MAX_BYTES}"));
    // It ends in a separator, or is taken for the beginning of a name.
    command.arg(format!("-artifact_prefix={}/", crashes.display())).arg(&corpus);
    let status = command.stderr(log).status().map_err(|error| not_started(&command, &error))?;
    let log = fs::read(&path).map_err(|error| failed(&path, error))?;
    let log = String::from_utf8_lossy(&log);
    let Figures { executions, coverage, corpus } = figures(&log);
    println!("{target:<12}{executions:>14}{coverage:>12}{corpus:>10}");
    if status.success() {
        return Ok(());
    }
    let input = log.lines().find_map(|line| line.split_once("Test unit written to "));
    Err(match input {
        Some((_, input)) => format!(
            "an input breaks {target}: {input}\nWhat it breaks is said in {}. \
             `{} {input}` runs it again, with `-minimize_crash=1` to make it smaller.",
            path.display(),
            program.display()
        ),
        None => format!("{target} did not run to its end; see {}", path.display()),
    })
}

/// What a run came to.
#[derive(Debug, PartialEq, Eq)]
struct Figures<'a> {
    executions: &'a str,
    /// Edges of the program's control flow that were passed.
    coverage: &'a str,
    /// Inputs that each reach something of their own.
    corpus: &'a str,
}

/// Reads libFuzzer's last word: `#1061371 DONE cov: 1226 ft: 3861 corp: 512/9000b …`.
fn figures(log: &str) -> Figures<'_> {
    let last = log.lines().rev().find(|line| line.contains(" cov: ")).unwrap_or_default();
    let find = |key| {
        let (_, rest) = last.split_once(key)?;
        rest.split_whitespace().next()
    };
    let find = |key| find(key).unwrap_or("?");
    let corpus = find(" corp: ");
    Figures {
        executions: find("#"),
        coverage: find(" cov: "),
        corpus: corpus.split('/').next().unwrap_or(corpus),
    }
}

/// The machine's own target, which has to be named so that what runs while building is built without the flags.
fn host() -> Result<String, String> {
    let mut rustc = Command::new("rustc");
    let output = rustc.arg("-vV").output().map_err(|error| not_started(&rustc, &error))?;
    let text = String::from_utf8_lossy(&output.stdout);
    let host = text.lines().find_map(|line| line.strip_prefix("host: "));
    host.map(str::to_owned).ok_or_else(|| "`rustc -vV` names no host".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_those_of_the_last_line_that_has_them() {
        let log = "#2\tINITED cov: 3 ft: 4 corp: 1/1b\n#77\tDONE   cov: 12 ft: 34 corp: 5/9b lim: 8\nDone 77";
        let expected = Figures { executions: "77", coverage: "12", corpus: "5" };
        assert_eq!(figures(log), expected);
        let nothing = Figures { executions: "?", coverage: "?", corpus: "?" };
        assert_eq!(figures("==1== ERROR"), nothing);
    }
}
