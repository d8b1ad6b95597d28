//! Lines between logarithmic axes.

use std::fmt::Write as _;

use super::Series;
use super::style::{class, colour, number, picture, text};

/// Where lines are drawn: left, right, top, bottom.
const LEFT: f64 = 84.0;
const RIGHT: f64 = 540.0;
const TOP: f64 = 48.0;
const BOTTOM: f64 = 370.0;
const HEIGHT: f64 = 430.0;

/// A place on the axis from left to right, and what is written there.
pub(super) type Tick = (f64, String);

/// What stands around the lines.
pub(super) struct Chart {
    pub(super) title: String,
    pub(super) x_title: &'static str,
    pub(super) y_title: &'static str,
    pub(super) ticks: Vec<Tick>,
}

/// A logarithmic axis between two figures, drawn between two places.
struct Axis {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
}

impl Axis {
    fn new(figures: impl Iterator<Item = f64> + Clone, from: f64, to: f64) -> Self {
        let low = figures.clone().fold(f64::MAX, f64::min);
        Self { low, high: figures.fold(low * 2.0, f64::max), from, to }
    }

    fn at(&self, figure: f64) -> f64 {
        let share = (figure / self.low).ln() / (self.high / self.low).ln();
        self.from + share * (self.to - self.from)
    }
}

/// Round figures with those that are drawn between them: the fewer powers of ten, the more of each.
fn round_figures(lowest: f64, highest: f64) -> Vec<f64> {
    let steps: &[f64] = match highest / lowest {
        2000.0.. => &[1.0],
        8.0.. => &[1.0, 2.0, 5.0],
        _ => &[1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0],
    };
    let powers = (-6..=9).map(|power| 10_f64.powi(power));
    let all: Vec<f64> =
        powers.flat_map(|power| steps.iter().map(move |step| step * power)).collect();
    let from = all.iter().rposition(|figure| *figure <= lowest).unwrap_or(0);
    let to = all.iter().position(|figure| *figure >= highest).unwrap_or(all.len() - 1);
    all[from..=to].to_vec()
}

/// Draws the lines of servers that have points, ours above the others, and names them from the uppermost down.
pub(super) fn lines(chart: &Chart, mut series: Vec<Series>) -> String {
    series.retain(|(_, points)| !points.is_empty());
    let figures = || series.iter().flat_map(|(_, points)| points.iter().map(|(_, y)| *y));
    let ys = round_figures(figures().fold(1e9, f64::min), figures().fold(1e-6, f64::max));
    let x = Axis::new(chart.ticks.iter().map(|(x, _)| *x), LEFT, RIGHT);
    let y = Axis::new(ys.iter().copied(), BOTTOM, TOP);
    picture(HEIGHT, &chart.title, |svg| {
        for (tick, label) in &chart.ticks {
            let at = x.at(*tick);
            let _ = writeln!(svg, "<path class=\"grid\" d=\"M{at:.1} {TOP}V{BOTTOM}\"/>");
            let label =
                label.parse().ok().filter(|n: &f64| *n >= 1000.0).map_or(label.clone(), number);
            text(svg, (at, BOTTOM + 20.0), "text-anchor=\"middle\"", &label);
        }
        for tick in &ys {
            let at = y.at(*tick);
            let _ = writeln!(svg, "<path class=\"grid\" d=\"M{LEFT} {at:.1}H{RIGHT}\"/>");
            text(svg, (LEFT - 8.0, at + 4.5), "text-anchor=\"end\"", &number(*tick));
        }
        let (middle, centre) = ((LEFT + RIGHT) / 2.0, (TOP + BOTTOM) / 2.0);
        text(svg, (middle, BOTTOM + 44.0), "text-anchor=\"middle\"", chart.x_title);
        let turned = format!("text-anchor=\"middle\" transform=\"rotate(-90 26 {centre})\"");
        text(svg, (26.0, centre), &turned, chart.y_title);
        series.sort_by_key(|(server, _)| class(server) == "ours");
        series.iter().for_each(|line| draw(svg, line, &x, &y));
        legend(svg, series);
    })
}

fn draw(svg: &mut String, (server, points): &Series, x: &Axis, y: &Axis) {
    let ((stroke, dashes), class) = (colour(server), class(server));
    let places: Vec<_> = points.iter().map(|(px, py)| (x.at(*px), y.at(*py))).collect();
    let path: Vec<_> = places.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    let _ = writeln!(
        svg,
        "<polyline class=\"line {class}\" points=\"{}\" stroke=\"{stroke}\" stroke-dasharray=\"{dashes}\"/>",
        path.join(" ")
    );
    for (x, y) in places {
        let _ = writeln!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\" fill=\"{stroke}\"/>");
    }
}

fn legend(svg: &mut String, mut series: Vec<Series>) {
    let last = |(_, points): &Series| points.last().map_or(0.0, |(_, y)| *y);
    series.sort_by(|one, other| last(other).total_cmp(&last(one)));
    let mut y = TOP + 8.0;
    for (server, _) in series {
        let ((stroke, dashes), class) = (colour(server), class(server));
        let _ = writeln!(
            svg,
            "<path class=\"line {class}\" d=\"M558 {y}h24\" stroke=\"{stroke}\" stroke-dasharray=\"{dashes}\"/>"
        );
        text(svg, (590.0, y + 4.5), &format!("class=\"{class}\""), server);
        y += 24.0;
    }
}
