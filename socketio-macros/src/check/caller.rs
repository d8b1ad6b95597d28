//! What a block must keep to that asks for a typed caller.

use syn::{ReturnType, Type};

use crate::errors::Errors;
use crate::model::{Connection, EventPart, Role};
use crate::ty;

/// Checks a block; where no caller can be written, the model has none.
pub(crate) fn caller(connection: &mut Connection<'_>, errors: &mut Errors) {
    if connection.caller.is_none() {
        return;
    }
    let before = errors.count();
    if !connection.generics.params.is_empty() {
        let message = "a caller can't be written for all of these types at once: put it on the \
                       `impl` of one, or take `caller` away";
        errors.at(&connection.generics.params, message);
    }
    for handler in &connection.handlers {
        let ReturnType::Type(_, ty) = &handler.sig.output else { continue };
        let answers = matches!(handler.role, Role::Event(_))
            && handler.event_parts(EventPart::AckSender).next().is_none();
        let value = ty::inside(ty, "Result").unwrap_or(ty);
        if let Type::ImplTrait(ty) = ty::bare(value)
            && answers
        {
            errors.at(ty, "a caller must be able to name what it gets: write the type itself");
        }
    }
    if errors.count() > before {
        connection.caller = None;
    }
}
