//! Plots of the figures as SVG: which there are, and what they show.
//!
//! In: a report. Out: files by name. `bars` and `lines` draw; `style` is what they look like.

mod bars;
mod lines;
mod style;

use crate::plan::{BROADCAST, ECHO, ECHO_16, MEMORY, OPEN_LOOP, Row};
use crate::report::Report;

use bars::bars;
use lines::{Chart, Tick, lines};

/// A server's line, as points.
type Series = (&'static str, Vec<(f64, f64)>);

/// All plots that there are figures for.
pub(crate) fn all(report: &Report) -> Vec<(&'static str, String)> {
    let mut plots = Vec::new();
    for (name, file) in [ECHO, ECHO_16, BROADCAST] {
        let what = if name == BROADCAST.0 { "deliveries" } else { "messages" };
        let title = format!("{}: {what} for each second of the server's processor", capital(name));
        plots.push((file, bars(&title, &medians(report, name, |cost| 1e6 / cost))));
    }
    let title = "Memory of an idle connection, KiB";
    plots.push((MEMORY.1, bars(title, &medians(report, MEMORY.0, |kib| kib))));
    for group in report.groups() {
        let Some((x_title, file)) = group.axis else { continue };
        let numbered = |row: &Row| Some((row.name.parse().ok()?, row.name.clone()));
        let ticks: Vec<Tick> = group.rows.iter().filter_map(numbered).collect();
        let line = |server| {
            let point = |(row, (x, _)): (_, &Tick)| Some((*x, report.figures(row, server)?.median));
            (server, group.rows.iter().zip(&ticks).filter_map(point).collect())
        };
        let y_title = "µs of the server's processor for each message";
        let chart = Chart { title: group.title.to_owned(), x_title, y_title, ticks: ticks.clone() };
        plots.push((file, lines(&chart, report.servers().map(line).collect())));
    }
    plots.push((OPEN_LOOP.1, latencies(report)));
    plots
}

fn capital(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().into_iter().flat_map(char::to_uppercase).chain(chars).collect()
}

fn row<'a>(report: &'a Report, name: &str) -> Option<&'a Row> {
    report.rows().find(|row| row.name == name)
}

fn medians(report: &Report, name: &str, shown: fn(f64) -> f64) -> Vec<(&'static str, f64)> {
    let Some(row) = row(report, name) else { return Vec::new() };
    let median = |server| Some((server, shown(report.figures(row, server)?.median)));
    report.servers().filter_map(median).collect()
}

/// How many percent of the messages came back within how long.
fn latencies(report: &Report) -> String {
    let line = |server| {
        let latencies = row(report, OPEN_LOOP.0).and_then(|row| report.latencies(row, server));
        (server, latencies.unwrap_or_default().iter().filter_map(late).collect())
    };
    let ticks = [50.0, 90.0, 99.0, 99.9, 99.99];
    let chart = Chart {
        title: format!("{}: latency", capital(OPEN_LOOP.0)),
        x_title: "percent of the messages",
        y_title: "ms until they came back",
        ticks: ticks
            .map(|percent: f64| (1.0 / (1.0 - percent / 100.0), percent.to_string()))
            .into(),
    };
    lines(&chart, report.servers().map(line).collect())
}

/// One message in so many takes longer than so many milliseconds.
#[expect(clippy::cast_precision_loss, reason = "microseconds far below 2^52")]
fn late((quantile, latency): &(f64, u64)) -> Option<(f64, f64)> {
    let is_inner = (0.5..1.0).contains(quantile);
    is_inner.then(|| (1.0 / (1.0 - quantile), (*latency).max(1) as f64 / 1000.0))
}
