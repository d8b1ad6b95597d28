//! The paths of endpoints: which a client can ask for, and which can be told apart.
//!
//! `/chat` is itself; in `/room/{id}` a segment stands for any one, in `/files/{*rest}` the last one for
//! all that is left. The table of the running server holds to the same rules (crate `matchit` 0.8).

/// Parameters that one path can have, as the table counts them.
const MAX_PARAMETERS: usize = 25;

/// Why no client can ask for this path, if none can.
pub(super) fn unservable(path: &str, own: &str) -> Option<String> {
    let delimiter = path.chars().find(|letter| ",?#:".contains(*letter) || letter.is_whitespace());
    match (path, delimiter) {
        ("", _) => Some("the endpoint's path is empty".to_owned()),
        ("/", _) => Some(format!("`/` is served by `{own}` itself")),
        (_, Some(delimiter)) => Some(format!("an endpoint's path can't contain `{delimiter}`")),
        _ if !path.starts_with('/') => {
            Some(format!("an endpoint's path starts with `/`: `\"/{path}\"`"))
        }
        _ => misplaced(path),
    }
}

/// What is wrong with a path's parameters.
fn misplaced(path: &str) -> Option<String> {
    let mut names = Vec::new();
    let mut rest = None;
    for segment in path.split('/') {
        if let Some(rest) = rest {
            return Some(format!("`{rest}` takes all that is left, so it comes last"));
        }
        let name = match parameter(segment) {
            Ok(None) => continue,
            Ok(Some(name)) => name,
            Err(message) => return Some(message),
        };
        rest = name.starts_with('*').then_some(segment);
        let name = name.strip_prefix('*').unwrap_or(name);
        if name.is_empty() {
            return Some(format!("`{segment}` has no name: write `{{id}}`, or `{{*rest}}`"));
        } else if name.contains('*') {
            return Some(format!(
                "`*` goes before the name only: `{{*{}}}`",
                name.replace('*', "")
            ));
        } else if names.contains(&name) {
            return Some(format!("parameter `{name}` is there twice in one path"));
        }
        names.push(name);
    }
    let many = names.len() > MAX_PARAMETERS;
    many.then(|| format!("a path has at most {MAX_PARAMETERS} parameters"))
}

/// What stands between the braces of a segment, if it has some.
fn parameter(segment: &str) -> Result<Option<&str>, String> {
    let mut is_open = false;
    for letter in segment.chars() {
        match letter {
            '{' if is_open => return Err(format!("`{segment}` has a `{{` inside `{{…}}`")),
            '}' if !is_open => return Err(format!("`{segment}` has a `}}` that closes nothing")),
            '{' | '}' => is_open = letter == '{',
            _ => {}
        }
    }
    if is_open {
        return Err(format!("`{segment}` has a `{{` that is not closed: write `{{id}}`"));
    }
    let braced = segment.strip_prefix('{').and_then(|rest| rest.strip_suffix('}'));
    match braced {
        Some(name) if !name.contains('{') => Ok(Some(name)),
        None if !segment.contains('{') => Ok(None),
        _ => Err(format!("`{segment}`: a segment is one parameter, `{{id}}`, or plain text")),
    }
}

/// A segment, less the names.
#[derive(PartialEq)]
enum Shape<'a> {
    Text(&'a str),
    One,
    Rest,
}

fn shapes(path: &str) -> impl Iterator<Item = Shape<'_>> {
    path.split('/').map(|segment| match parameter(segment) {
        Ok(Some(name)) if name.starts_with('*') => Shape::Rest,
        Ok(Some(_)) => Shape::One,
        _ => Shape::Text(segment),
    })
}

/// Whether there are paths of which nothing says which of the two they match: they differ in names
/// alone, or where they part, one takes a segment and the other all.
pub(super) fn are_alike(first: &str, second: &str) -> bool {
    let (mut first, mut second) = (shapes(first), shapes(second));
    loop {
        match (first.next(), second.next()) {
            (None, None) => return true,
            (Some(Shape::Rest), Some(Shape::One | Shape::Rest))
            | (Some(Shape::One), Some(Shape::Rest)) => return true,
            (first, second) if first == second => {}
            _ => return false,
        }
    }
}

#[cfg(test)]
mod tests {
    use matchit::Router;

    use super::{are_alike, unservable};

    /// Every path of up to three of these segments.
    fn paths() -> Vec<String> {
        let segments = ["a", "ab", "", "{x}", "{y}", "{*r}", "{*s}"];
        let mut paths = vec![String::new()];
        let mut longest = paths.clone();
        for _ in 0..3 {
            let longer = longest.iter();
            let longer = longer.flat_map(|path| segments.map(|last| format!("{path}/{last}")));
            longest = longer.collect();
            paths.extend(longest.clone());
        }
        paths.retain(|path| unservable(path, "Lobby").is_none());
        paths
    }

    #[test]
    fn what_is_let_through_is_what_the_table_holds() {
        let paths = paths();
        assert!(paths.len() > 100);
        for first in &paths {
            for second in &paths {
                let mut router = Router::new();
                router.insert(first, ()).unwrap();
                let refused = router.insert(second, ()).is_err();
                assert_eq!(are_alike(first, second), refused, "{first} {second}");
            }
        }
    }
}
