//! Holds the house's table of floors: a module imports only from floors below it, and from its own.

use std::fs;
use std::path::{Path, PathBuf};

/// Module and floor, as in `ARCHITECTURE.md`.
const FLOORS: [(&str, usize); 16] = [
    ("id", 0),
    ("sync", 0),
    ("contract", 1),
    ("protocol", 1),
    ("stats", 1),
    ("session", 2),
    ("driver", 3),
    ("adapter", 4),
    ("transport", 4),
    ("socket", 5),
    ("connection", 6),
    ("client", 7),
    ("endpoint", 7),
    ("server", 8),
    ("fuzz", 9),
    ("test", 9),
];

/// What a module must not know, beside what its floor forbids.
const UNKNOWN: [(&str, &[&str]); 9] = [
    ("stats", &["tokio", "http::", ".await", "async ", "Instant::now", "Mutex", "Transport"]),
    ("contract", &["tokio", "http::", ".await", "async ", "Mutex"]),
    ("protocol", &["tokio", "http::", ".await", "async ", "Instant", "Mutex", "Atomic"]),
    ("session", &["tokio", "http::", ".await", "async ", "Instant::now", "Mutex", "Atomic"]),
    ("driver", &["http::", "hyper"]),
    ("adapter", &["http::", "hyper", "Wire::", "Protocol::"]),
    ("socket", &["Wire::", "Protocol::V", "Protocol::Legacy"]),
    ("connection", &["hyper", "transport", " Wire::", "Protocol::"]),
    ("endpoint", &["http::", "hyper", "transport", "Wire::", "Protocol::"]),
];

fn floor(module: &str) -> Option<usize> {
    FLOORS.iter().find(|(name, _)| *name == module).map(|(_, floor)| *floor)
}

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The lines of code of a file: without comments and without its tests.
fn code(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap();
    let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
    text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

/// The top-level modules that code names as `crate::module` or in `use crate::{…}`.
fn named(code: &str) -> Vec<&str> {
    let roots = code.match_indices("crate::").filter(|(at, _)| !code[..*at].ends_with('$'));
    let mut names = Vec::new();
    for (at, found) in roots {
        let rest = &code[at + found.len()..];
        for item in items(rest) {
            let end = item.find(|c: char| !(c.is_alphanumeric() || c == '_'));
            names.push(&item[..end.unwrap_or(item.len())]);
        }
    }
    names
}

/// The paths behind a `crate::`: one, or those of a list, which may hold lists of their own.
fn items(rest: &str) -> Vec<&str> {
    let Some(list) = rest.strip_prefix('{') else { return vec![rest] };
    let (mut depth, mut start, mut items) = (0, 0, Vec::new());
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                items.push(list[start..at].trim());
                return items;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                items.push(list[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    panic!("a list without an end: {list}");
}

#[test]
fn imports_are_found_however_they_are_written() {
    let code = "use crate::{a::{b, c}, server::X,}; crate::id::Y; $crate::Z";
    let found: Vec<_> = named(code).into_iter().filter(|name| !name.is_empty()).collect();
    assert_eq!(found, ["a", "server", "id"]);
}

#[test]
fn modules_look_down_only() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../socketio-core/src");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let mut faults = Vec::new();
    let mut seen = 0;
    for file in &files {
        let inside = file.strip_prefix(&root).unwrap();
        let module = inside.components().next().unwrap().as_os_str().to_str().unwrap();
        let module = module.trim_end_matches(".rs");
        let is_test = inside.components().any(|part| part.as_os_str() == "tests")
            || inside.ends_with("tests.rs")
            || inside.ends_with("models.rs");
        if is_test || ["lib", "prelude", "__private"].contains(&module) {
            continue;
        }
        let own = floor(module).unwrap_or_else(|| panic!("{module} is on no floor"));
        let code = code(file);
        for name in named(&code).into_iter().filter(|name| !name.is_empty()) {
            seen += 1;
            match floor(name) {
                Some(other) if other < own || name == module => {}
                _ => faults.push(format!("{} names crate::{name}", inside.display())),
            }
        }
        let unknown = UNKNOWN.iter().filter(|(name, _)| *name == module);
        for word in unknown.flat_map(|(_, words)| *words).filter(|word| code.contains(**word)) {
            faults.push(format!("{} knows {word:?}", inside.display()));
        }
    }
    assert!(seen > 50, "the test has found only {seen} imports: is it reading the sources?");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}
