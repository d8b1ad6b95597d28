//! python-socketio's client, of either protocol: one virtual environment for each list of packages.
//!
//! In: the lists and the tests in `tests/clients/python`. Out: the environments, in `python` beside what
//! cargo built, and the tests' outcome. Called by the client tests and by the measurements.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::debian;
use crate::step::run;

/// The lists of packages, by the generation of Socket.IO that they speak as.
const GENERATIONS: [&str; 2] = ["socketio4", "socketio2"];

/// Makes the environments, unless they are there already; gives the interpreter of each.
///
/// # Errors
///
/// When there is no Python with `venv`, or a package can't be had; with what to do.
pub(crate) fn install(dir: &Path, built: &Path) -> Result<Vec<PathBuf>, String> {
    let list = |generation| dir.join("python").join(generation).with_extension("txt");
    GENERATIONS.iter().map(|name| environment(&list(name), built, name)).collect()
}

/// Runs the tests with an environment's interpreter.
///
/// # Errors
///
/// When a test fails.
pub(crate) fn test(python: &Path, dir: &Path, interop: &str) -> Result<(), String> {
    let mut tests = Command::new(python);
    tests.args(["-B", "-m", "unittest", "-v", "test_client"]);
    tests.current_dir(dir.join("python")).env("INTEROP_URL", interop);
    run("Python client tests", &mut tests, "What the failing tests expected is shown above.")
}

/// Makes an environment with the packages of a list, all of them by name; gives its interpreter.
///
/// # Errors
///
/// As [`install`].
pub(crate) fn environment(list: &Path, built: &Path, name: &str) -> Result<PathBuf, String> {
    let home = std::path::absolute(built.join("python").join(name))
        .map_err(|error| format!("{}: {error}", built.display()))?;
    let python = home.join("bin/python");
    let (installed, wanted) = (home.join("packages.txt"), fs::read_to_string(list));
    let wanted = wanted.map_err(|error| format!("{}: {error}", list.display()))?;
    if fs::read_to_string(&installed).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    require_venv()?;
    let mut venv = Command::new("python3");
    venv.args(["-m", "venv", "--clear"]).arg(&home);
    run("Python environment", &mut venv, "`python3 -m venv` must work: see above.")?;
    let mut pip = Command::new(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]);
    pip.arg("--requirement").arg(list);
    run("Python packages", &mut pip, "pip must reach its registry.")?;
    fs::write(&installed, wanted).map_err(|error| format!("{}: {error}", installed.display()))?;
    Ok(python)
}

/// Makes sure that Python makes environments; root on a Debian installs what is missing.
fn require_venv() -> Result<(), String> {
    let works = || {
        let imported = Command::new("python3").args(["-c", "import venv, ensurepip"]).output();
        imported.is_ok_and(|imported| imported.status.success())
    };
    if !works() && debian::is_ours() {
        println!("\nThere is no Python with `venv`: installing Debian's package `python3-venv`.");
        debian::install("Python", &["python3-venv"], "Install it by hand.")?;
    }
    if works() {
        Ok(())
    } else {
        Err("Python 3 with `venv` is missing (Debian: `apt-get install python3-venv`).".to_owned())
    }
}
