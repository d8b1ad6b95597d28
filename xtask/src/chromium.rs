//! The browser that the pages are tested in.

use std::env;
use std::path::{Path, PathBuf};

use crate::debian;

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
    if !Path::new(INSTALLED).exists() && debian::is_ours() {
        println!("\nThere is no {INSTALLED}: installing Debian's package `chromium`.");
        let packages = ["chromium", "fonts-liberation"];
        debian::install("Chromium", &packages, "Install it by hand, or name one in CHROMIUM.")?;
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
