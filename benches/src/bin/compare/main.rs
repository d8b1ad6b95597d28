//! Measures our server beside others: every scenario with every server in turn, and again.
//!
//! `compare OUT [--quick]`, which `cargo xtask bench` runs once all is built. In: the programs beside this
//! one and those in `peers`; where those of others are, from the environment (see `peers`). Out: in the folder
//! `OUT` the figures as `figures.json`, tables as `figures.md`, and plots, anew after each round. The server has the
//! first core for itself and the load generator the second; each measurement has a server of its own.

#![allow(clippy::indexing_slicing, reason = "a measurement that has lost count is better ended")]

mod machine;
mod peers;
mod plan;
mod plot;
mod report;

use std::error::Error;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use socketio_benches::load::Measurement;

use peers::{Peer, Running};
use plan::{Group, Row};
use report::{Report, short};

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
    let rounds = if quick { 1 } else { plan::ROUNDS };
    let mut report = Report::new(&peers, plan::groups(quick));
    for round in 0..rounds {
        println!("\nround {} of {rounds}", round + 1);
        measure_all(programs, &peers, round, &mut report)?;
        report.end_round();
        // A run that is ended early keeps its whole rounds.
        write(Path::new(out), &report)?;
    }
    println!("written to {out}");
    Ok(())
}

/// One round: every row with every server in turn.
fn measure_all(
    programs: &Path,
    peers: &[Peer],
    round: usize,
    report: &mut Report,
) -> Result<(), AnyError> {
    for Group { title, rows, .. } in report.groups().to_vec() {
        for row in rows {
            for peer in peers {
                // Rows may show one measurement.
                if !row.includes(peer, round) || report.measured(&row, peer.name).len() > round {
                    continue;
                }
                print!("{title}, {}: {} … ", row.name, peer.name);
                std::io::stdout().flush()?;
                match measure(programs, peer, &row) {
                    Ok(measured) => {
                        let figure = row.figure.of(&measured, row.scenario.clients);
                        println!("{} {}", short(figure), row.figure.unit());
                        report.add(&row, peer.name, measured);
                    }
                    Err(error) => println!("failed: {error}"),
                }
            }
        }
    }
    Ok(())
}

/// One measurement with a server of its own.
fn measure(programs: &Path, peer: &Peer, row: &Row) -> Result<Measurement, AnyError> {
    let server = Running::start(peer)?;
    let scenario = serde_json::to_string(&row.scenario)?;
    let mut load = machine::on_core(machine::LOAD_CORE, programs.join("load"));
    let output = load.args([server.address(), &server.pid().to_string(), &scenario]).output()?;
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
    Ok(())
}
