//! Wears a server down and looks what is left of it: `soak OUT MINUTES`, which `cargo xtask soak` starts.
//!
//! First clients that leave at every stage, a hundred thousand of each kind, twice over; then ten thousand that stay and work for
//! so many minutes, while handlers block their threads; then a server with ten thousand that is told to stop. Out:
//! `OUT/figures.md`, and failure if anything is left over or anybody was refused. The servers are this program itself, so that
//! their memory is theirs alone.

#![allow(
    clippy::indexing_slicing,
    reason = "a soak that has lost count of its own is better ended"
)]

mod churn;
mod down;
mod live;
mod served;

use std::error::Error;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// Clients of each kind that come and go, where there is an hour or nobody is in a hurry.
const EACH: usize = 100_000;

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    match args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["serve", timeouts] => Ok(served::serve(timeouts == "short")?),
        [out, minutes] => soak(Path::new(out), minutes.parse()?),
        _ => Err("usage: soak OUT MINUTES".into()),
    }
}

fn soak(out: &Path, minutes: f64) -> Result<(), Box<dyn Error>> {
    // A short run shows that it works.
    let each = if minutes < 5.0 { EACH / 20 } else { EACH };
    let mut report = format!(
        "# Soak\n\n- {} cores, kernel {}\n- {each} clients of each kind, twice; then {minutes} minutes\n\n",
        std::thread::available_parallelism()?,
        fs::read_to_string("/proc/sys/kernel/osrelease")?.trim(),
    );
    writeln!(report, "{}", churn::run(each)?)?;
    writeln!(report, "{}", live::run(Duration::from_secs_f64(minutes * 60.0))?)?;
    write!(report, "{}", down::run()?)?;
    fs::create_dir_all(out)?;
    fs::write(out.join("figures.md"), &report)?;
    println!("\n{report}\nwritten to {}", out.display());
    Ok(())
}
