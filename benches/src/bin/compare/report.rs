//! The figures of a run, and the tables that are made of them.
//!
//! In: measurements, as they come. Out: what plots read, JSON, and Markdown with medians, spreads and ratios.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;
use socketio_benches::load::Measurement;

use crate::machine;
use crate::peers::{BOUND, OURS, Peer};
use crate::plan::{Goal, Row};

/// All of a run.
#[derive(Serialize)]
pub(crate) struct Report {
    machine: Vec<String>,
    /// Name and version of every server, in the order of tables.
    servers: Vec<(&'static str, String)>,
    rounds: usize,
    rows: Vec<Row>,
    /// By row and server.
    measured: BTreeMap<String, BTreeMap<&'static str, Vec<Measurement>>>,
}

impl Report {
    pub(crate) fn new(peers: &[Peer], rows: Vec<Row>, rounds: usize) -> Self {
        let servers = peers.iter().map(|peer| (peer.name, peer.version.clone())).collect();
        Self { machine: machine::lines(), servers, rounds, rows, measured: BTreeMap::new() }
    }

    pub(crate) fn add(&mut self, row: &str, server: &'static str, measured: Measurement) {
        let row = self.measured.entry(row.to_owned()).or_default();
        row.entry(server).or_default().push(measured);
    }

    /// The servers, in the order of tables.
    pub(crate) fn servers(&self) -> impl Iterator<Item = &'static str> {
        self.servers.iter().map(|(name, _)| *name)
    }

    /// Rows whose names start so, each with the rest of its name.
    pub(crate) fn rows_of<'a>(
        &'a self,
        start: &'a str,
    ) -> impl Iterator<Item = (&'a Row, &'a str)> {
        self.rows.iter().filter_map(move |row| Some((row, row.name.strip_prefix(start)?)))
    }

    /// The figures of a row, sorted.
    fn figures(&self, row: &Row, server: &str) -> Vec<f64> {
        let measured = self.measured.get(&row.name).and_then(|row| row.get(server));
        let figures = measured.into_iter().flatten().map(|measured| row.figure.of(measured, row));
        let mut figures: Vec<f64> = figures.collect();
        figures.sort_by(f64::total_cmp);
        figures
    }

    /// The median of a row's figures.
    pub(crate) fn median(&self, row: &Row, server: &str) -> Option<f64> {
        let figures = self.figures(row, server);
        figures.get(figures.len() / 2).copied()
    }

    /// The latencies of the run in the middle: quantiles and microseconds.
    pub(crate) fn latencies(&self, row: &Row, server: &str) -> Option<&[(f64, u64)]> {
        let mut runs: Vec<_> = self.measured.get(&row.name)?.get(server)?.iter().collect();
        runs.sort_by_key(|run| run.latency(0.99));
        runs.get(runs.len() / 2).map(|run| run.latency.as_slice())
    }

    /// The tables.
    pub(crate) fn markdown(&self) -> String {
        let mut text = String::new();
        for line in &self.machine {
            let _ = writeln!(text, "- {line}");
        }
        for (name, version) in &self.servers {
            let _ = writeln!(text, "- {name}: {version}");
        }
        let _ = writeln!(
            text,
            "\nMedians of {} measurements, behind them the lowest and the highest, and how many times the \
             figure of `{BOUND}` that is.\n",
            self.rounds
        );
        let servers: Vec<_> = self.servers().collect();
        let _ = writeln!(text, "| work | unit | goal | {} |", servers.join(" | "));
        let _ = writeln!(text, "|---|---|---|{}", "---|".repeat(servers.len()));
        for row in &self.rows {
            let cells: Vec<_> = servers.iter().map(|server| self.cell(row, server)).collect();
            let (name, unit, goal) = (&row.name, row.figure.unit(), self.goal(row));
            let _ = writeln!(text, "| {name} | {unit} | {goal} | {} |", cells.join(" | "));
        }
        text
    }

    fn cell(&self, row: &Row, server: &str) -> String {
        let figures = self.figures(row, server);
        let (Some(low), Some(median), Some(high)) =
            (figures.first(), figures.get(figures.len() / 2), figures.last())
        else {
            return "–".to_owned();
        };
        let bound = self.median(row, BOUND).filter(|bound| server != BOUND && *bound > 0.0);
        let ratio = bound.map(|bound| format!(", ×{:.2}", median / bound)).unwrap_or_default();
        let spread = if self.rounds > 1 {
            format!(" ({}–{})", short(*low), short(*high))
        } else {
            String::new()
        };
        format!("**{}**{spread}{ratio}", short(*median))
    }

    /// The goal, and whether it is reached.
    fn goal(&self, row: &Row) -> String {
        let ours = self.median(row, OURS);
        let (text, limit) = match row.goal {
            Goal::None => return String::new(),
            Goal::AtMost(limit) => (format!("≤ {limit}"), Some(limit)),
            Goal::Times(times, of) => {
                (format!("≤ {times:.2} × {of}"), self.median(row, of).map(|of| of * times))
            }
        };
        match ours.zip(limit) {
            Some((ours, limit)) if ours <= limit => format!("{text} ✓"),
            Some(_) => format!("{text} ✗"),
            None => text,
        }
    }
}

/// A figure with three digits.
pub(crate) fn short(value: f64) -> String {
    let digits = match value.abs() {
        0.0..10.0 => 2,
        10.0..100.0 => 1,
        _ => 0,
    };
    format!("{value:.digits$}")
}
