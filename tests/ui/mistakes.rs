//! The page "the macro by its errors", `socketio-core/docs/mistakes.md`, made of the cases and what the compiler says
//! to them.
//!
//! In: the list below, the cases in `fail/` with their `.stderr`; out: the page, which the test holds to what is
//! checked in, and writes with `UPDATE_EXPECT=1`. What is left out of a case is its frame: `use`, `main`, a type that
//! says nothing.

use std::fs;
use std::path::{Path, PathBuf};

/// A mistake, or what looks like one and is none.
struct Row {
    number: usize,
    title: &'static str,
    cases: &'static [&'static str],
}

const fn row(number: usize, title: &'static str, cases: &'static [&'static str]) -> Row {
    Row { number, title, cases }
}

/// By number; cases with a path are in `pass/`.
const ROWS: &[Row] = &[
    row(
        1,
        "The attribute on a struct, a trait, a function, a module",
        &["attribute_on_a_struct", "attribute_on_a_trait"],
    ),
    row(2, "On the impl of a trait", &["attribute_on_a_trait_impl"]),
    row(3, "Two blocks for one type", &["two_blocks_for_one_type"]),
    row(4, "An event's name that is no string", &["event_name_not_a_string"]),
    row(
        5,
        "An empty name, or a space at its end",
        &["event_name_empty", "event_name_with_a_space_at_its_end"],
    ),
    row(6, "A reserved name", &["event_name_reserved"]),
    row(7, "The same event twice", &["event_handled_twice"]),
    row(8, "A method whose name is no event's", &["event_name_from_a_method_that_has_none"]),
    row(9, "`#[event]` outside a block", &["event_outside_a_block"]),
    row(10, "No `self`", &["handler_without_self"]),
    row(11, "`self` by value", &["handler_that_consumes_self"]),
    row(12, "`concurrent` with `&mut self`", &["concurrent_with_mut_self"]),
    row(13, "`concurrent` and `queue` together", &["queue_beside_concurrent"]),
    row(14, "An argument that is not `Deserialize`", &["argument_not_deserialize"]),
    row(15, "An argument by reference that can't be one", &["argument_by_reference"]),
    row(16, "`Vec<u8>` where binary is meant (a warning)", &["bytes_as_an_array_of_numbers"]),
    row(17, "A misspelt type", &["context_type_misspelt"]),
    row(
        18,
        "A context of another phase",
        &["event_context_without_an_event", "reason_without_an_end"],
    ),
    row(19, "Two answers", &["ack_sender_beside_another_answer"]),
    row(20, "A return type that is not `Serialize`", &["return_type_not_serialize"]),
    row(21, "An error without a form on the wire", &["error_without_a_wire_form"]),
    row(22, "`-> impl Future` without `async`", &["impl_future_instead_of_async"]),
    row(23, "A pattern as a parameter", &["pattern_where_a_name_is_needed"]),
    row(24, "An argument without a name", &["argument_without_a_name"]),
    row(25, "A required argument behind an optional one", &["required_after_optional"]),
    row(26, "`#[rest]` twice, or not last", &["rest_not_last"]),
    row(27, "Two arguments of one name", &["same_argument_twice"]),
    row(28, "An unknown option", &["unknown_option"]),
    row(29, "An option of another type", &["ill_typed_option"]),
    row(30, "A generic handler", &["generic_handler"]),
    row(31, "An `unsafe`, `const` or `extern` handler", &["unsafe_handler"]),
    row(32, "A where-clause on a handler", &["where_clause_on_a_handler"]),
    row(33, "A future that is not `Send`", &["future_not_send"]),
    row(34, "A connection type that is not `Send`, or not `Sync`", &["connection_type_not_send"]),
    row(35, "No `#[on_open]`, and not `Default`", &["no_open_and_not_default"]),
    row(36, "Two handlers of what there is one of", &["open_twice", "handler_of_each_kind_twice"]),
    row(37, "`#[on_open]` that returns something else", &["open_returns_something_else"]),
    row(38, "An event's argument where there is no event", &["argument_without_an_event"]),
    row(39, "A path that no endpoint can have, or that two have", &["endpoint_path"]),
    row(40, "An endpoint whose type is no connection type", &["endpoint_type_without_a_block"]),
    row(41, "A bad pattern", &["endpoint_pattern"]),
    row(42, "`State<Db>` of a server that has none", &["state_that_the_server_has_not"]),
    row(
        43,
        "A client event of another form",
        &["client_event_of_another_form", "client_events_on_what_is_no_trait"],
    ),
    row(44, "A client event that there is not", &["client_event_that_is_none"]),
    row(45, "A wrong path to the crate", &["crate_path_wrong"]),
    row(
        46,
        "A type without a block, or of another version of the crate",
        &["server_of_a_type_without_a_block"],
    ),
    row(
        47,
        "A lint in the method's own body, and none elsewhere",
        &["lint_in_the_body", "pass/a_whole_connection"],
    ),
    row(
        48,
        "A body or a signature that is half typed",
        &["half_typed_body", "half_typed_signature"],
    ),
    row(49, "A handler that is there under a condition", &["pass/cfg_on_handlers"]),
    row(
        50,
        "Thirty parameters, three hundred events",
        &["pass/thirty_parameters", "pass/three_hundred_events"],
    ),
];

const HEAD: &str = "\
# The macro by its errors

What one writes, and what the compiler says. All mistakes of a block are reported at once, each where it is; the block
itself stays, so that whatever is right in it goes on working, in an editor, too. What is shown is tested, with the
compiler's notes cut to what helps.
";

fn ui() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("ui")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}

fn page() -> String {
    let mut page = HEAD.to_owned();
    for Row { number, title, cases } in ROWS {
        page += &format!("\n## {number}. {title}\n");
        for case in *cases {
            page += &shown(case);
        }
    }
    page
}

/// A case: its code, and what the compiler says to it.
fn shown(case: &str) -> String {
    if case.starts_with("pass/") {
        assert!(ui().join(format!("{case}.rs")).exists(), "there is no {case}");
        return format!("\nNo mistake: `tests/ui/{case}.rs` compiles.\n");
    }
    let file = |ending: &str| read(&ui().join("fail").join(format!("{case}.{ending}")));
    format!("\n```rust\n{}\n```\n\n```text\n{}\n```\n", code(&file("rs")), said(&file("stderr")))
}

/// The code without what frames it.
fn code(file: &str) -> String {
    const FRAME: [&str; 2] = ["#[derive(Default)]\nstruct Chat;", "fn main() {}"];
    let parts = file.trim().split("\n\n");
    let is_shown = |part: &&str| !part.starts_with("use ") && !FRAME.contains(part);
    parts.filter(is_shown).map(without_main).collect::<Vec<_>>().join("\n\n")
}

fn without_main(part: &str) -> String {
    match part.strip_prefix("fn main() {\n    ").and_then(|body| body.strip_suffix("\n}")) {
        Some(body) => body.replace("\n    ", "\n"),
        None => part.to_owned(),
    }
}

/// What the compiler says, without what is not about the user's code.
fn said(stderr: &str) -> String {
    let messages = stderr.trim().split("\n\n");
    messages.map(message).collect::<Vec<_>>().join("\n\n")
}

fn message(message: &str) -> String {
    const LEFT_OUT: [&str; 3] =
        ["= note: this error originates", "= help: see issue", "= help: the trait"];
    let mut lines: Vec<String> = Vec::new();
    let mut is_about_us = false;
    for line in message.lines() {
        let trimmed = line.trim_start();
        let begins =
            !line.starts_with(' ') && !line.starts_with(|digit: char| digit.is_ascii_digit());
        is_about_us = match begins {
            _ if trimmed.starts_with('=') => LEFT_OUT.iter().any(|left| trimmed.starts_with(left)),
            true => ["help: the trait", "note: required", "note: the lint", "      but"]
                .iter()
                .any(|left| line.starts_with(left)),
            false => is_about_us,
        };
        if is_about_us || trimmed.starts_with("-->") {
            continue;
        }
        if trimmed.ends_with("in this attribute macro expansion") {
            lines.pop();
            continue;
        }
        lines.push(gutter(line));
    }
    while lines.last().is_some_and(|line| line.trim() == "|") {
        lines.pop();
    }
    lines.join("\n")
}

/// The line without its number.
fn gutter(line: &str) -> String {
    match line.split_once('|') {
        Some((number, code)) if number.trim().chars().all(|digit| digit.is_ascii_digit()) => {
            format!("  |{code}")
        }
        _ if line.trim_start().starts_with('=') => format!("  {}", line.trim_start()),
        _ => line.to_owned(),
    }
}

#[test]
fn the_page_shows_what_the_compiler_says() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../socketio-core/docs/mistakes.md");
    let page = page();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, &page).unwrap();
    }
    assert!(read(&path) == page, "docs/mistakes.md is stale: UPDATE_EXPECT=1 writes it");
}

#[test]
fn every_mistake_has_its_number() {
    let numbers: Vec<usize> = ROWS.iter().map(|row| row.number).collect();
    assert_eq!(numbers, (1..=50).collect::<Vec<_>>());
}
