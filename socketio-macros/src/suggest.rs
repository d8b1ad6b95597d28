//! "Did you mean": the closest of the words there are.

/// The end of a message about an unknown word: a suggestion if one is close, and all there are.
pub(crate) fn suggest(word: &str, known: &[&str]) -> String {
    let list = known.iter().map(|known| format!("`{known}`")).collect::<Vec<_>>().join(", ");
    match closest(word, known) {
        Some(close) => format!("; did you mean `{close}`? There are: {list}"),
        None => format!("; there are: {list}"),
    }
}

/// The known word that is at most a third of its letters away.
pub(crate) fn closest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    let distances = known.iter().map(|known| (distance(word, known), *known));
    let (distance, close) = distances.min_by_key(|(distance, _)| *distance)?;
    (distance <= close.len().div_ceil(3)).then_some(close)
}

/// Letters to insert, drop or replace; swapping two neighbours counts as one.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=right.len()).collect();
    let mut last = None;
    for (row, letter) in left.chars().enumerate() {
        let mut current = vec![row + 1];
        for (column, other) in right.iter().enumerate() {
            let at =
                |line: &[usize], index: usize| line.get(index).copied().unwrap_or(usize::MAX / 2);
            let replaced = at(&above, column) + usize::from(letter != *other);
            let mut best = replaced.min(at(&above, column + 1) + 1).min(at(&current, column) + 1);
            let swapped = column > 0
                && last == Some(*other)
                && right.get(column.wrapping_sub(1)) == Some(&letter);
            if swapped {
                best = best.min(at(&before, column - 1) + 1);
            }
            current.push(best);
        }
        before = std::mem::replace(&mut above, current);
        last = Some(letter);
    }
    above.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{closest, distance};

    #[test]
    fn distance_counts_edits() {
        for (left, right, expected) in [
            ("", "", 0),
            ("", "abc", 3),
            ("args", "args", 0),
            ("agrs", "args", 1),
            ("arg", "args", 1),
            ("extra_arg", "extra_args", 1),
            ("concurent", "concurrent", 1),
        ] {
            assert_eq!(distance(left, right), expected, "{left} {right}");
            assert_eq!(distance(right, left), expected, "{right} {left}");
        }
    }

    #[test]
    fn only_a_close_word_is_suggested() {
        assert_eq!(closest("positonal", &["positional", "keyword"]), Some("positional"));
        assert_eq!(closest("queue", &["args", "extra_args"]), None);
    }
}
