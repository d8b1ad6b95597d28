//! Measures our server beside others: every scenario with every server in turn, and again.
//!
//! `compare OUT [--quick]`, which `cargo xtask bench` runs once all is built. In: the programs beside this
//! one and those in `peers`; where those of others are, from the environment (see `peers`). Out: in the folder
//! `OUT` the figures as `figures.json`, tables as `figures.md`, and plots. The server has the first core for
//! itself and the load generator the second; each measurement has a server of its own.

#![allow(clippy::indexing_slicing, reason = "a measurement that has lost count is better ended")]

mod machine;
mod peers;
mod plan;
mod plot;
mod report;

use std::error::Error;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use socketio_benches::load::Measurement;

use peers::{Peer, Running};
use plan::Row;
use report::Report;

type AnyError = Box<dyn Error>;

fn main() -> Result<(), AnyError> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (out, quick) = match args.as_slice() {
        [out] => (out, false),
        [out, quick] if quick == "--quick" => (out, true),
        _ => return Err("usage: compare OUT [--quick]".into()),
    };
    let programs = std::env::current_exe()?;
    let programs = programs.parent().ok_or("this program is in no folder")?;
    let peers = peers::all(programs);
    let rows = plan::rows(quick);
    let rounds = if quick { 1 } else { plan::ROUNDS };
    let mut report = Report::new(&peers, rows.clone(), rounds);
    for round in 0..rounds {
        for row in &rows {
            for peer in peers.iter().filter(|peer| row.includes(peer)) {
                print!("{}/{rounds} {}: {} … ", round + 1, row.name, peer.name);
                match measure(programs, peer, row) {
                    Ok(measured) => {
                        println!("{}", row.figure.shown(row.figure.of(&measured, row)));
                        report.add(&row.name, peer.name, measured);
                    }
                    Err(error) => println!("failed: {error}"),
                }
            }
        }
    }
    write(&PathBuf::from(out), &report)
}

/// One measurement with a server of its own.
fn measure(programs: &Path, peer: &Peer, row: &Row) -> Result<Measurement, AnyError> {
    let server = Running::start(peer)?;
    let scenario = serde_json::to_string(&row.scenario)?;
    let mut load = Command::new("taskset");
    load.args(["-c", machine::LOAD_CORE]).arg(programs.join("load"));
    load.args([server.address(), &server.pid().to_string(), &scenario]);
    let output = load.stdin(Stdio::null()).output()?;
    if output.status.success() {
        Ok(serde_json::from_slice(&output.stdout)?)
    } else {
        Err(String::from_utf8_lossy(&output.stderr).trim().into())
    }
}

fn write(out: &Path, report: &Report) -> Result<(), AnyError> {
    fs::create_dir_all(out)?;
    fs::write(out.join("figures.json"), serde_json::to_string(report)? + "\n")?;
    fs::write(out.join("figures.md"), report.markdown())?;
    for (name, svg) in plot::all(report) {
        fs::write(out.join(name), svg)?;
    }
    println!("written to {}", out.display());
    Ok(())
}
