//! What a block must keep to that asks for a typed caller.

use quote::{ToTokens as _, quote};
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
        let alias = ty::last_segment(ty).filter(|last| {
            let word = last.ident.to_string();
            word.len() > "Result".len() && word.ends_with("Result") && answers
        });
        if let Some(alias) = alias {
            let message = format!(
                "a caller can't see whether `{}` is a `Result`: write `Result<…>` itself",
                quote!(#alias).into_token_stream()
            );
            errors.at(alias, message);
        }
    }
    if errors.count() > before {
        connection.caller = None;
    }
}
