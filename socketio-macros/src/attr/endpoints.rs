//! Reads `#[endpoints("/path" => Type, …)]`.

use syn::parse::{Parse, ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{Attribute, LitStr, Token, Type};

use super::arguments;
use crate::errors::Errors;

/// One of `#[endpoints("/path" => Type, …)]`.
pub(crate) struct EndpointEntry {
    pub(crate) path: LitStr,
    pub(crate) ty: Type,
}

/// Reads `#[endpoints("/path" => Type, …)]`.
pub(crate) fn endpoints(attr: &Attribute, errors: &mut Errors) -> Vec<EndpointEntry> {
    let tokens = arguments(attr, "#[endpoints(\"/path\" => Type)]", errors);
    match Punctuated::<EndpointEntry, Token![,]>::parse_terminated.parse2(tokens) {
        Ok(entries) => entries.into_iter().collect(),
        Err(error) => {
            errors.push(error);
            Vec::new()
        }
    }
}

impl Parse for EndpointEntry {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let path = input.parse().map_err(|error| {
            syn::Error::new(
                error.span(),
                "expected a path as a string literal: `\"/path\" => Type`",
            )
        })?;
        let _arrow: Token![=>] = input.parse()?;
        Ok(Self { path, ty: input.parse()? })
    }
}
