//! What all plots look like, on a light page and on a dark one.
//!
//! In: names of servers, figures. Out: colours, numbers as text, the frame of a picture. A picture brings its own
//! background, so that it can be read on any page.

use std::fmt::Write as _;

use crate::peers::{BOUND, BUN, CHECKED, NODE, NODE_0, NODE_2, OURS, OURS_CURRENT, OXIDE, PYTHON};

/// How wide all pictures are.
pub(super) const WIDTH: f64 = 800.0;

const STYLE: &str = "\
text{font:13px system-ui,sans-serif;fill:#1f2328}\
.title{font-size:15px;font-weight:600}\
.ours{font-weight:600}\
.page{fill:#fff;stroke:#d1d9e0}\
.grid{stroke:#d1d9e0;fill:none}\
.line{fill:none;stroke-width:2;stroke-linejoin:round}\
.line.ours{stroke-width:4}\
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.page{fill:#0d1117;stroke:#3d444d}.grid{stroke:#3d444d}}";

/// The colour of a server, and its stroke's dashes: ours are warm, the bounds grey and broken.
pub(super) fn colour(server: &str) -> (&'static str, &'static str) {
    let colours = [
        (BOUND, "#8b949e", "6 4"),
        (CHECKED, "#8b949e", "2 3"),
        (OURS, "#e8590c", ""),
        (OURS_CURRENT, "#f5a524", ""),
        (OXIDE, "#2f81f7", ""),
        (NODE, "#2da44e", ""),
        (BUN, "#a371f7", ""),
        (NODE_2, "#1b7c83", ""),
        (NODE_0, "#bf3989", ""),
        (PYTHON, "#b08800", ""),
    ];
    let found = colours.into_iter().find(|(name, ..)| *name == server);
    found.map_or(("#8b949e", ""), |(_, colour, dashes)| (colour, dashes))
}

/// The class of what shows a server.
pub(super) fn class(server: &str) -> &'static str {
    if server == OURS { "ours" } else { "other" }
}

/// A picture of this height: what `draw` writes, on a page with a title.
pub(super) fn picture(height: f64, title: &str, draw: impl FnOnce(&mut String)) -> String {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\">\n<style>{STYLE}</style>\n\
         <rect class=\"page\" x=\".5\" y=\".5\" width=\"{}\" height=\"{}\" rx=\"6\"/>\n",
        WIDTH - 1.0,
        height - 1.0
    );
    text(&mut svg, (16.0, 26.0), "class=\"title\"", title);
    draw(&mut svg);
    svg + "</svg>\n"
}

/// Writes a text at a place.
pub(super) fn text(svg: &mut String, (x, y): (f64, f64), attributes: &str, text: &str) {
    let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{y:.1}\" {attributes}>{text}</text>");
}

/// Three digits of a figure, and thousands apart.
pub(super) fn number(value: f64) -> String {
    let digits = match value {
        0.0..1.0 => 2,
        1.0..100.0 => usize::from(value.fract() != 0.0),
        _ => 0,
    };
    let text = format!("{value:.digits$}");
    let (whole, rest) = text.split_at(text.find('.').unwrap_or(text.len()));
    let apart = whole.char_indices().fold(String::new(), |mut apart, (at, digit)| {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            apart.push(',');
        }
        apart.push(digit);
        apart
    });
    apart + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_their_thousands_apart() {
        for (value, expected) in
            [(0.5, "0.50"), (3.0, "3"), (25.46, "25.5"), (640.0, "640"), (2_222_222.2, "2,222,222")]
        {
            assert_eq!(number(value), expected);
        }
    }
}
