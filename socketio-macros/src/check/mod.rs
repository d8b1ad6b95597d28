//! What a block must keep to, beyond its syntax.

mod before;
mod caller;
mod connection;
mod params;
mod paths;
mod signature;

pub(crate) use before::no_handler;
pub(crate) use connection::connection;
pub(crate) use params::BORROWED_INSIDE;
pub(crate) use signature::{is_future, name};

use syn::Type;

use crate::errors::Errors;
use crate::model::Handler;

/// Checks one handler by itself.
pub(crate) fn handler(handler: &Handler<'_>, self_ty: &Type, errors: &mut Errors) {
    signature::check(handler, self_ty, errors);
    params::check(handler, errors);
    before::check(handler, errors);
}
