//! What comes out of a macro when its item can't be read: the item, and what is wrong.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use crate::attr::{is_item_helper_word, is_param_helper_word};

/// The item without the attributes that would report themselves, beside the error.
pub(crate) fn beside(item: TokenStream, error: &syn::Error) -> TokenStream {
    let mut out = without_helpers(item, Delimiter::None);
    out.extend(error.to_compile_error());
    out
}

/// Takes `#[event…]` and the like out at every depth, `#[arg…]` and the like out of parameter lists.
fn without_helpers(tokens: TokenStream, within: Delimiter) -> TokenStream {
    let mut out = Vec::new();
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(punct) if punct.as_char() == '#' => match tokens.peek() {
                Some(TokenTree::Group(group)) if is_helper(group, within) => {
                    tokens.next();
                }
                _ => out.push(punct.into()),
            },
            TokenTree::Group(group) => {
                let inner = without_helpers(group.stream(), group.delimiter());
                let mut copy = Group::new(group.delimiter(), inner);
                copy.set_span(group.span());
                out.push(copy.into());
            }
            other => out.push(other),
        }
    }
    out.into_iter().collect()
}

fn is_helper(group: &Group, within: Delimiter) -> bool {
    let Some(TokenTree::Ident(word)) = group.stream().into_iter().next() else { return false };
    let word = word.to_string();
    let helper = match within {
        Delimiter::Parenthesis => is_param_helper_word(&word),
        _ => is_item_helper_word(&word),
    };
    group.delimiter() == Delimiter::Bracket && helper
}
