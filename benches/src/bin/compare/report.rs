//! The figures of a run, and the tables that are made of them.
//!
//! In: measurements, as they come. Out: what plots read, JSON, and Markdown: first the goals, then a table for each
//! group of rows with medians and spreads.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;
use socketio_benches::load::Measurement;

use crate::machine;
use crate::peers::{BOUND, OURS, OURS_CURRENT, OXIDE, Peer};
use crate::plan::{Goal, Group, Row};

/// All of a run.
#[derive(Serialize)]
pub(crate) struct Report {
    machine: Vec<String>,
    /// Name and version of every server, in the order of tables.
    servers: Vec<(&'static str, String)>,
    rounds: usize,
    groups: Vec<Group>,
    /// By scenario and server.
    measured: BTreeMap<String, BTreeMap<&'static str, Vec<Measurement>>>,
}

/// The figures of one server in one row.
#[derive(Clone, Copy)]
pub(crate) struct Figures {
    pub(crate) median: f64,
    lowest: f64,
    highest: f64,
}

impl Report {
    pub(crate) fn new(peers: &[Peer], groups: Vec<Group>) -> Self {
        let servers = peers.iter().map(|peer| (peer.name, peer.version.clone())).collect();
        Self { machine: machine::lines(), servers, rounds: 0, groups, measured: BTreeMap::new() }
    }

    /// Notes that all has been measured once more.
    pub(crate) fn end_round(&mut self) {
        self.rounds += 1;
    }

    pub(crate) fn add(&mut self, row: &Row, server: &'static str, measured: Measurement) {
        let row = self.measured.entry(row.key()).or_default();
        row.entry(server).or_default().push(measured);
    }

    /// What was measured of a server in a row, or in one of the same scenario.
    pub(crate) fn measured(&self, row: &Row, server: &str) -> &[Measurement] {
        let measured = self.measured.get(&row.key()).and_then(|row| row.get(server));
        measured.map_or(&[], Vec::as_slice)
    }

    /// The servers, in the order of tables.
    pub(crate) fn servers(&self) -> impl Iterator<Item = &'static str> {
        self.servers.iter().map(|(name, _)| *name)
    }

    pub(crate) fn groups(&self) -> &[Group] {
        &self.groups
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = &Row> {
        self.groups.iter().flat_map(|group| &group.rows)
    }

    /// The figures of a row.
    pub(crate) fn figures(&self, row: &Row, server: &str) -> Option<Figures> {
        let measured = self.measured(row, server).iter();
        let figures = measured.filter_map(|one| row.figure.of(one, row.scenario.clients));
        let mut figures: Vec<f64> = figures.collect();
        figures.sort_by(f64::total_cmp);
        Some(Figures {
            median: *figures.get(figures.len() / 2)?,
            lowest: *figures.first()?,
            highest: *figures.last()?,
        })
    }

    fn median(&self, row: &Row, server: &str) -> Option<f64> {
        self.figures(row, server).map(|figures| figures.median)
    }

    /// The latencies of the run in the middle: quantiles and microseconds.
    pub(crate) fn latencies(&self, row: &Row, server: &str) -> Option<&[(f64, u64)]> {
        let mut runs: Vec<_> = self.measured(row, server).iter().collect();
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
        let _ = writeln!(text, "\nMedians of {} rounds; ± is half of what they span.", self.rounds);
        text += &self.goals();
        self.groups.iter().for_each(|group| text += &self.table(group));
        text
    }

    /// Where our server stands.
    fn goals(&self) -> String {
        let mut text = format!(
            "\n## Goals\n\nThe multiple is of the bound that stands before it.\n\n\
             | work | unit | bound | {OURS} | goal | current-thread | {OXIDE} | best of the others |\n\
             |---|---|--:|--:|---|--:|--:|--:|\n"
        );
        for row in self.rows().filter(|row| !matches!(row.goal, Goal::None)) {
            let bound = match row.goal {
                Goal::Times(_, bound) => bound,
                _ => BOUND,
            };
            let least = self.median(row, bound);
            let cell = |server| match (self.median(row, server), least, row.goal) {
                (Some(median), Some(least), Goal::Times(..)) => {
                    format!("{}, {:.2} ×", short(Some(median)), median / least)
                }
                (median, ..) => short(median),
            };
            let _ = writeln!(
                text,
                "| {} | {} | {}{} | **{}** | {} | {} | {} | {} |",
                row.name,
                row.figure.unit(),
                short(least),
                if bound == BOUND { "" } else { " (checked)" },
                cell(OURS),
                self.goal(row, least),
                cell(OURS_CURRENT),
                cell(OXIDE),
                self.best_of_others(row)
            );
        }
        for group in &self.groups {
            if let Some(limit) = group.growth {
                let cell = |server| self.growth(group, server).map_or("–".into(), times);
                let reached = mark(self.growth(group, OURS).map(|growth| growth <= limit));
                let _ = writeln!(
                    text,
                    "| {}: largest by smallest | – | {} | **{}** | ≤ {limit} ×{reached} | {} | {} | – |",
                    group.title,
                    cell(BOUND),
                    cell(OURS),
                    cell(OURS_CURRENT),
                    cell(OXIDE)
                );
            }
        }
        text
    }

    /// The goal, and whether it is reached.
    fn goal(&self, row: &Row, bound: Option<f64>) -> String {
        let (text, limit) = match row.goal {
            Goal::None => return String::new(),
            Goal::AtMost(limit) => (format!("≤ {limit}"), Some(limit)),
            Goal::Times(times, _) => (format!("≤ {times:.2} ×"), bound.map(|bound| bound * times)),
        };
        let ours = self.median(row, OURS).zip(limit);
        text + mark(ours.map(|(ours, limit)| ours <= limit))
    }

    fn best_of_others(&self, row: &Row) -> String {
        let others = self.servers().filter(|server| !server.starts_with(BOUND));
        let others = others.filter(|server| ![OURS, OURS_CURRENT, OXIDE].contains(server));
        let figures = others.filter_map(|server| Some((self.median(row, server)?, server)));
        let best = figures.min_by(|(one, _), (other, _)| one.total_cmp(other));
        best.map_or("–".to_owned(), |(median, server)| {
            format!("{} ({server})", short(Some(median)))
        })
    }

    /// How many times the smallest figure of a group the largest is.
    fn growth(&self, group: &Group, server: &str) -> Option<f64> {
        let medians = group.rows.iter().filter_map(|row| self.median(row, server));
        let largest = medians.clone().max_by(f64::total_cmp)?;
        Some(largest / medians.min_by(f64::total_cmp)?)
    }

    /// A group, with the servers that were measured in it.
    fn table(&self, group: &Group) -> String {
        let is_there =
            |server: &&str| group.rows.iter().any(|row| self.figures(row, server).is_some());
        let servers: Vec<_> = self.servers().filter(is_there).collect();
        let head = group.axis.map_or("work", |(axis, _)| axis);
        let mut text =
            format!("\n## {}\n\n| {head} | unit | {} |\n", group.title, servers.join(" | "));
        let _ = writeln!(text, "|---|---|{}", "--:|".repeat(servers.len()));
        for row in &group.rows {
            let cell = |server: &&str| self.figures(row, server).map_or("–".into(), Figures::shown);
            let cells: Vec<_> = servers.iter().map(cell).collect();
            let _ =
                writeln!(text, "| {} | {} | {} |", row.name, row.figure.unit(), cells.join(" | "));
        }
        text
    }
}

impl Figures {
    fn shown(self) -> String {
        let spread =
            (self.highest - self.lowest) / 2.0 / self.median.max(f64::MIN_POSITIVE) * 100.0;
        let median = short(Some(self.median));
        if self.highest > self.lowest { format!("{median} ±{spread:.0} %") } else { median }
    }
}

fn times(ratio: f64) -> String {
    format!("{ratio:.2} ×")
}

fn mark(is_reached: Option<bool>) -> &'static str {
    match is_reached {
        Some(true) => " ✓",
        Some(false) => " ✗",
        None => "",
    }
}

/// A figure with three digits.
pub(crate) fn short(value: Option<f64>) -> String {
    let Some(value) = value else { return "–".to_owned() };
    let digits = match value.abs() {
        0.0..10.0 => 2,
        10.0..100.0 => 1,
        _ => 0,
    };
    format!("{value:.digits$}")
}
