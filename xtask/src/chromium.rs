//! The browser that the pages are tested in.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::step::run;

/// Where distributions put it.
const INSTALLED: &str = "/usr/bin/chromium";

/// Gives the browser's path: `CHROMIUM`, or the one that is installed; root on a Debian installs it.
///
/// # Errors
///
/// When there is none, with what to install.
pub(crate) fn find() -> Result<PathBuf, String> {
    if let Some(path) = env::var_os("CHROMIUM").map(PathBuf::from) {
        return if path.is_file() {
            Ok(path)
        } else {
            Err(format!("CHROMIUM names {}, which is no file.", path.display()))
        };
    }
    if !Path::new(INSTALLED).exists() && is_root_of_debian() {
        println!("\nThere is no {INSTALLED}: installing Debian's package `chromium`.");
        let apt = |args: &[&str]| {
            let mut command = Command::new("apt-get");
            command.args(args).env("DEBIAN_FRONTEND", "noninteractive");
            run("Chromium", &mut command, "Install Chromium by hand, or name one in CHROMIUM.")
        };
        apt(&["update", "-q"])?;
        apt(&["install", "-q", "-y", "--no-install-recommends", "chromium", "fonts-liberation"])?;
    }
    if Path::new(INSTALLED).exists() {
        Ok(INSTALLED.into())
    } else {
        Err(format!(
            "There is no {INSTALLED}. Install Chromium (Debian: `apt-get install chromium`), or name \
             a Chromium or Chrome in the environment variable CHROMIUM."
        ))
    }
}

fn is_root_of_debian() -> bool {
    let id = Command::new("id").arg("-u").output();
    Path::new("/etc/debian_version").exists() && id.is_ok_and(|id| id.stdout == b"0\n")
}
