//! What comes out of a macro when its item can't be read: the item, and what is wrong.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use crate::attr::is_helper_word;

/// The item without the attributes that would report themselves, beside the error.
pub(crate) fn beside(item: TokenStream, error: &syn::Error) -> TokenStream {
    let mut out = without_helpers(item);
    out.extend(error.to_compile_error());
    out
}

/// Takes `#[event…]` and the like out at every depth.
fn without_helpers(tokens: TokenStream) -> TokenStream {
    let mut out = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '#' => match tokens.peek() {
                Some(TokenTree::Group(group)) if is_helper(group) => {
                    tokens.next();
                }
                _ => out.push(punct.into()),
            },
            TokenTree::Group(group) => {
                let mut copy = Group::new(group.delimiter(), without_helpers(group.stream()));
                copy.set_span(group.span());
                out.push(copy.into());
            }
            other => out.push(other),
        }
    }
    out.into_iter().collect()
}

fn is_helper(group: &Group) -> bool {
    let first = group.stream().into_iter().next();
    group.delimiter() == Delimiter::Bracket
        && matches!(first, Some(TokenTree::Ident(word)) if is_helper_word(&word.to_string()))
}
