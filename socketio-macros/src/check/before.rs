//! Guards and throttles: where they can stand.

use syn::Attribute;

use crate::attr;
use crate::errors::Errors;
use crate::model::Handler;

/// Reports guards and throttles of a method that no event calls.
pub(super) fn check(handler: &Handler<'_>, errors: &mut Errors) {
    if handler.role.has_event() {
        return;
    }
    for (attr, word) in before(handler.attrs) {
        let message = match word {
            "guard" => {
                "guards of a method run before its events: put it on the `impl` block, to run before a \
                 connection opens"
            }
            _ => "events are throttled, and no event calls this",
        };
        errors.at(attr, message);
    }
}

/// Reports guards and throttles of a method that nothing calls.
pub(crate) fn no_handler(attrs: &[Attribute], errors: &mut Errors) {
    for (attr, word) in before(attrs) {
        errors.at(attr, format!("`#[{word}]` is for handlers of events: add `#[event]`"));
    }
}

fn before(attrs: &[Attribute]) -> impl Iterator<Item = (&Attribute, &'static str)> {
    attrs.iter().filter_map(|attr| Some((attr, attr::before_helper(attr)?)))
}
