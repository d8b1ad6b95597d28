//! What the compiler says to mistakes, and that what is no mistake passes.
//!
//! One mistake per file of `fail/`, named after it; the message is in the `.stderr` beside it, which
//! `TRYBUILD=overwrite cargo test --test ui` writes anew.

#[cfg(test)]
mod mistakes;

#[test]
fn mistakes_are_reported_where_they_are() {
    trybuild::TestCases::new().compile_fail("ui/fail/*.rs");
}

#[test]
fn what_is_no_mistake_passes() {
    trybuild::TestCases::new().pass("ui/pass/*.rs");
}
