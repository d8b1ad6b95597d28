//! Plots of the figures as SVG: bars, and lines between logarithmic axes.
//!
//! In: a report. Out: files by name. Colours show on light and dark pages alike.

use std::fmt::Write as _;

use crate::plan::{BY_CLIENTS, BY_PAYLOAD, BY_ROOMS, Figure, OPEN_LOOP, Row};
use crate::report::{Report, short};

const WIDTH: f64 = 760.0;
const COLOURS: [&str; 9] = [
    "#888888", "#bbbbbb", "#d9480f", "#f08c00", "#1c7ed6", "#2f9e44", "#9c36b5", "#0b7285",
    "#c2255c",
];

/// A line or a bar's group: the server, and its points.
type Series = (&'static str, Vec<(f64, f64)>);

/// All plots.
pub(crate) fn all(report: &Report) -> Vec<(String, String)> {
    let mut plots = Vec::new();
    for (row, _) in report.rows_of("").filter(|(row, _)| is_barred(row)) {
        let costs =
            report.servers().filter_map(|server| Some((server, report.median(row, server)?)));
        let (title, values): (_, Vec<_>) = match row.figure {
            Figure::Memory => ("memory of an idle connection, KiB".to_owned(), costs.collect()),
            _ => (
                format!("{}: messages for each second of processor time", row.name),
                costs.map(|(server, cost)| (server, 1e6 / cost)).collect(),
            ),
        };
        plots.push((format!("{}.svg", file_name(&row.name)), bars(report, &title, &values)));
    }
    for (start, x, name) in [
        (BY_PAYLOAD, "bytes of the message", "payload"),
        (BY_CLIENTS, "connections", "connections"),
        (BY_ROOMS, "rooms for each client", "rooms"),
    ] {
        let title = "µs of processor time for each message";
        plots.push((format!("{name}.svg"), lines(report, title, x, &by_number(report, start))));
    }
    let latencies = report.rows_of(OPEN_LOOP).flat_map(|(row, _)| {
        report.servers().filter_map(|server| Some((server, points(report.latencies(row, server)?))))
    });
    let title = format!("{OPEN_LOOP}: latency in µs");
    let latencies: Vec<Series> = latencies.collect();
    plots.push((
        "latency.svg".to_owned(),
        lines(report, &title, "one message in so many", &latencies),
    ));
    plots
}

fn is_barred(row: &Row) -> bool {
    row.figure == Figure::Memory
        || ["echo, 1 in flight", "echo, 16 in flight", "broadcast to 1,000, 1 under way"]
            .contains(&row.name.as_str())
}

fn file_name(name: &str) -> String {
    let kept = name.chars().filter(|c| c.is_ascii_alphanumeric() || *c == ' ');
    kept.collect::<String>().replace(' ', "-").to_lowercase()
}

/// A latency that one message in n exceeds.
#[expect(clippy::cast_precision_loss, reason = "microseconds far below 2^52")]
fn points(latencies: &[(f64, u64)]) -> Vec<(f64, f64)> {
    let inner = latencies.iter().filter(|(at, _)| (0.5..1.0).contains(at));
    inner.map(|(at, latency)| (1.0 / (1.0 - at), (*latency).max(1) as f64)).collect()
}

fn by_number(report: &Report, start: &str) -> Vec<Series> {
    let of = |server| {
        let points = report.rows_of(start).filter_map(|(row, rest)| {
            let number = rest.split(' ').next()?.parse().ok()?;
            Some((number, report.median(row, server)?))
        });
        (server, points.collect::<Vec<_>>())
    };
    report.servers().map(of).filter(|(_, points)| !points.is_empty()).collect()
}

fn colour(report: &Report, server: &str) -> &'static str {
    let at = report.servers().position(|name| name == server).unwrap_or(0);
    COLOURS[at % COLOURS.len()]
}

fn head(height: f64, title: &str) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" font-family=\"sans-serif\" \
         font-size=\"13\" fill=\"#808080\">\n<text x=\"10\" y=\"20\" font-size=\"15\">{title}</text>\n"
    )
}

/// Bars, the longest as wide as there is room.
fn bars(report: &Report, title: &str, values: &[(&str, f64)]) -> String {
    let mut svg = head(f64::from(u32::try_from(values.len()).unwrap_or(0)) * 26.0 + 40.0, title);
    let longest = values.iter().map(|(_, value)| *value).fold(1e-9, f64::max);
    let mut y = 36.0;
    for (server, value) in values {
        let (width, fill) = (value / longest * 430.0, colour(report, server));
        let _ = writeln!(
            svg,
            "<text x=\"10\" y=\"{}\">{server}</text><rect x=\"230\" y=\"{y}\" width=\"{width:.1}\" \
             height=\"18\" fill=\"{fill}\"/><text x=\"{:.1}\" y=\"{}\">{}</text>",
            y + 14.0,
            236.0 + width,
            y + 14.0,
            short(*value)
        );
        y += 26.0;
    }
    svg + "</svg>\n"
}

/// An axis from one power of ten to another, drawn between two places.
struct Axis {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Axis {
    fn new(values: impl Iterator<Item = f64> + Clone, from: f64, to: f64) -> Self {
        let low = values.clone().fold(f64::MAX, f64::min).log10().floor();
        let high = values.fold(f64::MIN, f64::max).log10().ceil().max(low + 1.0);
        Self { low, high, from, to }
    }

    fn at(&self, value: f64) -> f64 {
        let share = (value.log10() - self.low) / (self.high - self.low);
        self.from + share * (self.to - self.from)
    }

    /// The powers of ten.
    fn ticks(&self) -> impl Iterator<Item = f64> {
        let count = self.high - self.low;
        (0..=30).map(f64::from).take_while(move |n| *n <= count).map(|n| 10_f64.powf(self.low + n))
    }
}

fn lines(report: &Report, title: &str, x_title: &str, series: &[Series]) -> String {
    let mut svg = head(420.0, title);
    let all = || series.iter().flat_map(|(_, points)| points.iter().copied());
    if all().next().is_none() {
        return svg + "</svg>\n";
    }
    let x = Axis::new(all().map(|(x, _)| x), 60.0, 540.0);
    let y = Axis::new(all().map(|(_, y)| y), 370.0, 40.0);
    for tick in x.ticks() {
        let at = x.at(tick);
        let _ = writeln!(
            svg,
            "<path d=\"M{at:.1} 40V370\" stroke=\"#80808040\"/><text x=\"{at:.1}\" y=\"388\" \
             text-anchor=\"middle\">{tick}</text>"
        );
    }
    for tick in y.ticks() {
        let at = y.at(tick);
        let _ = writeln!(
            svg,
            "<path d=\"M60 {at:.1}H540\" stroke=\"#80808040\"/><text x=\"54\" y=\"{:.1}\" \
             text-anchor=\"end\">{tick}</text>",
            at + 4.0
        );
    }
    let _ = writeln!(svg, "<text x=\"300\" y=\"408\" text-anchor=\"middle\">{x_title}</text>");
    for (index, (server, points)) in series.iter().enumerate() {
        let stroke = colour(report, server);
        let path: Vec<_> = points
            .iter()
            .map(|(at, value)| format!("{:.1},{:.1}", x.at(*at), y.at(*value)))
            .collect();
        let legend = 50 + index * 22;
        let _ = writeln!(
            svg,
            "<polyline points=\"{}\" fill=\"none\" stroke=\"{stroke}\" stroke-width=\"2\"/><path \
             d=\"M556 {legend}h18\" stroke=\"{stroke}\" stroke-width=\"3\"/><text x=\"580\" \
             y=\"{}\">{server}</text>",
            path.join(" "),
            legend + 4
        );
    }
    svg + "</svg>\n"
}
