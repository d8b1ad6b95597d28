//! Our server beside others: builds and installs all of them, then has them measured in turn.
//!
//! In: the packages `benches` and `benches/peers`. Out: tables and plots in `bench` beside what cargo built, or
//! where `BENCH_OUT` says. What is not to be had on this machine is said and left out.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::python;
use crate::step::{built_dir, cargo, root, run};

/// Measures; the quick way shows that all works, and no more.
pub(crate) fn compare(quick: bool) -> Result<(), String> {
    let built = built_dir()?;
    let build = &["build", "--release", "--package", "socketio-benches"];
    run("Measured programs", &mut cargo(build), "Mend what does not compile.")?;
    let target = built.parent().unwrap_or(&built).to_owned();
    let out = env::var_os("BENCH_OUT").map_or_else(|| target.join("bench"), PathBuf::from);
    // It ends with this program, and its servers with it.
    let mut compare = Command::new("setpriv");
    compare.args(["--pdeathsig", "TERM"]).arg(target.join("release/compare"));
    compare.arg(out).args(quick.then_some("--quick"));
    let peers = root().join("benches/peers");
    for (variable, installed) in [
        ("PEER_SOCKETIOXIDE", socketioxide(&peers, &target)),
        ("PEER_NODE", node(&peers)),
        ("PEER_BUN", bun(&peers)),
        ("PEER_PYTHON", python(&peers, &built)),
    ] {
        match installed {
            Ok(path) => drop(compare.env(variable, path)),
            Err(why) => println!("\nLeft out: {why}"),
        }
    }
    run("Measurements", &mut compare, "What went wrong is shown above.")
}

/// Wears the server down for so many minutes.
pub(crate) fn soak(minutes: &str) -> Result<(), String> {
    let built = built_dir()?;
    let build = &["build", "--release", "--package", "socketio-benches"];
    run("Soaked programs", &mut cargo(build), "Mend what does not compile.")?;
    let target = built.parent().unwrap_or(&built).to_owned();
    let out = env::var_os("BENCH_OUT").map_or_else(|| target.join("soak"), PathBuf::from);
    let mut soak = Command::new(target.join("release/soak"));
    run("Soak", soak.arg(out).arg(minutes), "What is left over is shown above.")
}

fn socketioxide(peers: &Path, target: &Path) -> Result<PathBuf, String> {
    let target = target.join("peers");
    let mut build = cargo(&["build", "--release", "--locked"]);
    build.current_dir(peers.join("socketioxide")).env("CARGO_TARGET_DIR", &target);
    run("socketioxide", &mut build, "cargo must reach its registry.")?;
    Ok(target.join("release/socketioxide-peer"))
}

fn node(peers: &Path) -> Result<PathBuf, String> {
    let mut npm = Command::new("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(peers.join("node"));
    run("npm packages", &mut npm, "npm must reach its registry.")?;
    Ok("node".into())
}

/// Bun comes with the packages of Node.js, for this kind of machine or not at all.
fn bun(peers: &Path) -> Result<PathBuf, String> {
    let bun = peers.join("node/node_modules/@oven/bun-linux-x64/bin/bun");
    if bun.is_file() { Ok(bun) } else { Err("Bun is not to be had for this machine.".to_owned()) }
}

fn python(peers: &Path, built: &Path) -> Result<PathBuf, String> {
    python::environment(&peers.join("python/requirements.txt"), built, "peer")
}
