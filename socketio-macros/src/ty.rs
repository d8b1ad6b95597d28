//! Questions about types as they are written.

use proc_macro2::{Delimiter, Group, Ident, Punct, Spacing, Span, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{GenericArgument, PathArguments, PathSegment, Type, TypeReference};

use crate::model::Slice;

/// The type without the parentheses and invisible groups around it.
pub(crate) fn bare(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => bare(&group.elem),
        Type::Paren(paren) => bare(&paren.elem),
        other => other,
    }
}

/// The reference that a type is.
pub(crate) fn reference(ty: &Type) -> Option<&TypeReference> {
    match bare(ty) {
        Type::Reference(reference) => Some(reference),
        _ => None,
    }
}

/// The last segment of the path that a type is.
pub(crate) fn last_segment(ty: &Type) -> Option<&PathSegment> {
    match bare(ty) {
        Type::Path(path) => path.path.segments.last(),
        _ => None,
    }
}

/// Whether the last word of the path that a type is, is this.
pub(crate) fn is_named(ty: &Type, name: &str) -> bool {
    last_segment(ty).is_some_and(|segment| segment.ident == name)
}

/// `T` of a type that is written `Name<T, …>`, and any other type itself.
pub(crate) fn inside<'a>(ty: &'a Type, name: &str) -> Option<&'a Type> {
    if is_named(ty, name) { arguments(ty).next() } else { Some(ty) }
}

/// The last word of the path that a type is, or refers to.
pub(crate) fn name(ty: &Type) -> Option<&syn::Ident> {
    let ty = reference(ty).map_or(ty, |reference| &reference.elem);
    last_segment(ty).map(|segment| &segment.ident)
}

/// The types between the angle brackets of the path that a type is.
pub(crate) fn arguments(ty: &Type) -> impl Iterator<Item = &Type> {
    let arguments = last_segment(ty).and_then(|segment| match &segment.arguments {
        PathArguments::AngleBracketed(arguments) => Some(arguments.args.iter()),
        _ => None,
    });
    arguments.into_iter().flatten().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// `T` of a type that is written `Name<T>`.
pub(crate) fn only_argument<'a>(ty: &'a Type, name: &str) -> Option<&'a Type> {
    last_segment(ty).filter(|segment| segment.ident == name)?;
    let mut arguments = arguments(ty);
    arguments.next().filter(|_| arguments.next().is_none())
}

/// The slice that the type is a reference to, if it is `&str` or `&[u8]`.
pub(crate) fn slice(ty: &Type) -> Option<Slice> {
    match bare(shared(ty)?) {
        Type::Slice(slice) => is_named(&slice.elem, "u8").then_some(Slice::Bytes),
        elem => is_named(elem, "str").then_some(Slice::Text),
    }
}

/// Whether the type is `&RawValue`.
pub(crate) fn is_raw_value(ty: &Type) -> bool {
    shared(ty).is_some_and(|elem| is_named(elem, "RawValue"))
}

/// `T` of a type that is written `&T`.
pub(crate) fn shared(ty: &Type) -> Option<&Type> {
    reference(ty)
        .filter(|reference| reference.mutability.is_none())
        .map(|reference| &*reference.elem)
}

/// The `&` of a reference somewhere inside.
pub(crate) fn inner_reference(ty: &Type) -> Option<TokenTree> {
    fn find(tokens: TokenStream) -> Option<TokenTree> {
        tokens.into_iter().find_map(|token| match token {
            TokenTree::Punct(ref punct) if punct.as_char() == '&' => Some(token),
            TokenTree::Group(group) => find(group.stream()),
            _ => None,
        })
    }
    find(ty.to_token_stream())
}

/// The type with another lifetime in place of those that a handler's signature names or leaves out, be it
/// behind a `&` or in a `Cow<str>`.
///
/// `kept` are the names that stay: the impl's.
pub(crate) fn with_lifetime(ty: &Type, lifetime: &str, kept: &[String]) -> TokenStream {
    relifetime(ty.to_token_stream(), lifetime, kept)
}

fn relifetime(tokens: TokenStream, lifetime: &str, kept: &[String]) -> TokenStream {
    let mut out: Vec<TokenTree> = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '\'' => {
                out.push(punct.into());
                if let Some(TokenTree::Ident(name)) = tokens.next() {
                    let word = name.to_string();
                    let stays = word == "static" || kept.contains(&word);
                    let name = if stays { name } else { Ident::new(lifetime, name.span()) };
                    out.push(name.into());
                }
            }
            TokenTree::Punct(punct) if punct.as_char() == '&' => {
                let span = punct.span();
                out.push(punct.into());
                let named =
                    matches!(tokens.peek(), Some(TokenTree::Punct(next)) if next.as_char() == '\'');
                if !named && lifetime != "_" {
                    out.extend(lifetime_tokens(lifetime, span));
                }
            }
            TokenTree::Group(group) => {
                let inner = relifetime(group.stream(), lifetime, kept);
                let mut copy = Group::new(group.delimiter(), inner);
                copy.set_span(group.span());
                out.push(copy.into());
            }
            TokenTree::Ident(cow) if cow == "Cow" => {
                let span = cow.span();
                out.push(cow.into());
                let Some(TokenTree::Punct(open)) = tokens.next_if(|next| is_punct(next, '<'))
                else {
                    continue;
                };
                out.push(open.into());
                if !tokens.peek().is_some_and(|next| is_punct(next, '\'')) {
                    out.extend(lifetime_tokens(lifetime, span));
                    out.push(Punct::new(',', Spacing::Alone).into());
                }
            }
            other => out.push(other),
        }
    }
    out.into_iter().collect()
}

fn is_punct(token: &TokenTree, mark: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == mark)
}

fn lifetime_tokens(name: &str, span: Span) -> [TokenTree; 2] {
    let mut quote = Punct::new('\'', Spacing::Joint);
    quote.set_span(span);
    [quote.into(), Ident::new(name, span).into()]
}

/// A type with another in place of `Self`.
pub(crate) fn without_self(ty: &TokenStream, self_ty: &Type) -> TokenStream {
    let replaced = ty.clone().into_iter().map(|token| match token {
        TokenTree::Ident(ident) if ident == "Self" => {
            TokenTree::Group(Group::new(Delimiter::None, self_ty.to_token_stream()))
        }
        TokenTree::Group(group) => {
            let mut copy = Group::new(group.delimiter(), without_self(&group.stream(), self_ty));
            copy.set_span(group.span());
            copy.into()
        }
        other => other,
    });
    replaced.collect()
}

/// Whether a name stands anywhere in the type.
pub(crate) fn mentions(ty: &TokenStream, name: &str) -> bool {
    fn find(tokens: TokenStream, name: &str) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(ident) => ident == name,
            TokenTree::Group(group) => find(group.stream(), name),
            _ => false,
        })
    }
    find(ty.clone(), name)
}

/// The type as a person writes it, where tokens would stand apart.
pub(crate) fn written(ty: &Type) -> String {
    let mut text = String::new();
    write(ty.to_token_stream(), &mut text);
    text
}

fn write(tokens: TokenStream, text: &mut String) {
    let mut follows_word = false;
    for token in tokens {
        let (is_word, starts_apart) = match &token {
            TokenTree::Ident(_) | TokenTree::Literal(_) => (true, true),
            TokenTree::Group(group) => (false, group.delimiter() == Delimiter::Bracket),
            TokenTree::Punct(punct) => (false, matches!(punct.as_char(), '&' | '*')),
        };
        if follows_word && starts_apart {
            text.push(' ');
        }
        follows_word = is_word;
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::None => ("", ""),
                };
                text.push_str(open);
                write(group.stream(), text);
                text.push_str(close);
            }
            TokenTree::Punct(punct) => match punct.as_char() {
                mark @ (',' | ';') => text.extend([mark, ' ']),
                mark @ ('+' | '=') => text.extend([' ', mark, ' ']),
                '-' => text.push_str(" -"),
                '>' if text.ends_with('-') => text.push_str("> "),
                mark => text.push(mark),
            },
            other => text.push_str(&other.to_string()),
        }
    }
    text.truncate(text.trim_end().len());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_written_as_people_write_them() {
        for ty in [
            "()",
            "&'static str",
            "&mut [u8]",
            "std::borrow::Cow<'_, [u8; 4]>",
            "Result<Vec<(A, Option<B>)>, <Self as Trait<T>>::Error>",
            "Box<dyn Fn(&A) -> B + Send>",
            "Page<{ 3 }, Item = T>",
        ] {
            assert_eq!(written(&syn::parse_str(ty).unwrap()).replace("{3}", "{ 3 }"), ty);
        }
    }
}
