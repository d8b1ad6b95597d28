//! Bars, one for each server.

use std::fmt::Write as _;

use super::style::{class, colour, number, picture, text};

/// Where bars begin, and the length of the longest.
const FROM: f64 = 230.0;
const LONGEST: f64 = 470.0;
/// From one bar to the next.
const STEP: f64 = 28.0;

/// Draws servers and their figures, the longest bar as wide as there is room.
pub(super) fn bars(title: &str, figures: &[(&str, f64)]) -> String {
    let longest = figures.iter().map(|(_, figure)| *figure).fold(f64::MIN_POSITIVE, f64::max);
    let height = 52.0 + figures.iter().map(|_| STEP).sum::<f64>();
    picture(height, title, |svg| {
        let mut y = 44.0;
        for (server, figure) in figures {
            let (width, class) = ((figure / longest * LONGEST).max(1.0), class(server));
            let label = format!("class=\"{class}\"");
            text(svg, (16.0, y + 14.0), &label, server);
            let _ = writeln!(
                svg,
                "<rect x=\"{FROM}\" y=\"{y}\" width=\"{width:.1}\" height=\"19\" fill=\"{}\"/>",
                colour(server).0
            );
            text(svg, (FROM + width + 8.0, y + 14.0), &label, &number(*figure));
            y += STEP;
        }
    })
}
