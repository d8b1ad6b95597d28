//! Reads a trait, one method after the other: one that is half-typed costs no other its place.

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Error, Generics, Ident, Result, Signature, Token, Visibility, braced, token};

/// A trait.
pub(super) struct Trait {
    pub(super) attrs: Vec<Attribute>,
    pub(super) vis: Visibility,
    /// `unsafe` and `auto`.
    pub(super) qualifiers: Vec<Ident>,
    pub(super) keyword: Token![trait],
    pub(super) name: Ident,
    /// With the where-clause.
    pub(super) generics: Generics,
    /// What follows a `:`.
    pub(super) supertraits: TokenStream,
    pub(super) brace: token::Brace,
    pub(super) items: Vec<Item>,
}

/// What stands in a trait.
pub(super) enum Item {
    Method(Box<Method>),
    /// A const, a type, a macro call.
    Other(TokenStream),
    /// What can't be read.
    Broken(Error),
}

/// A method, with what it should not have.
pub(super) struct Method {
    pub(super) attrs: Vec<Attribute>,
    pub(super) vis: Visibility,
    pub(super) sig: Signature,
    pub(super) body: Option<Group>,
}

impl Parse for Trait {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis: Visibility = input.parse()?;
        let mut qualifiers = Vec::new();
        while !input.peek(Token![trait]) {
            let is_qualifier = input.peek(Token![unsafe]) || input.peek(Token![auto]);
            if !is_qualifier || input.peek2(Token![impl]) || input.peek2(Token![fn]) {
                return Err(not_a_trait(input)?);
            }
            qualifiers.push(input.call(Ident::parse_any)?);
        }
        let keyword = input.parse()?;
        let name = input.parse()?;
        let mut generics: Generics = input.parse()?;
        let mut supertraits = TokenStream::new();
        while !input.peek(token::Brace) && !input.peek(Token![where]) {
            supertraits.extend([input.parse::<TokenTree>()?]);
        }
        generics.where_clause = input.parse()?;
        let content;
        let brace = braced!(content in input);
        let mut items = Vec::new();
        while !content.is_empty() {
            items.push(content.parse()?);
        }
        Ok(Self { attrs, vis, qualifiers, keyword, name, generics, supertraits, brace, items })
    }
}

fn not_a_trait(input: ParseStream<'_>) -> Result<Error> {
    let keyword = Ident::parse_any(input)?;
    let name = input.call(Ident::parse_any).ok();
    let what = match &name {
        Some(name) if keyword != "impl" => format!("`{keyword} {name}`"),
        _ => format!("an `{keyword}`"),
    };
    let message =
        format!("`#[client_events]` goes on the trait of what clients understand, not on {what}");
    Ok(Error::new_spanned(quote!(#keyword #name), message))
}

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let ahead = input.fork();
        match ahead.parse::<Method>() {
            Ok(_) => Ok(Self::Method(input.parse()?)),
            Err(error) => {
                let is_method = ahead_is_method(input);
                let tokens = rest_of_item(input)?;
                Ok(if is_method { Self::Broken(error) } else { Self::Other(tokens) })
            }
        }
    }
}

fn ahead_is_method(input: ParseStream<'_>) -> bool {
    let ahead = input.fork();
    let _attrs = ahead.call(Attribute::parse_outer);
    let _vis = ahead.parse::<Visibility>();
    let is_other = ahead.peek(Token![type])
        || (ahead.peek(Token![const]) && !ahead.peek2(Token![fn]))
        || (ahead.peek(syn::Ident) && ahead.peek2(Token![!]));
    !is_other
}

/// Up to a `;` or behind a `{…}`.
fn rest_of_item(input: ParseStream<'_>) -> Result<TokenStream> {
    let mut tokens = TokenStream::new();
    while !input.is_empty() {
        let token: TokenTree = input.parse()?;
        let is_end = match &token {
            TokenTree::Punct(punct) => punct.as_char() == ';',
            TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
            _ => false,
        };
        tokens.extend([token]);
        if is_end {
            break;
        }
    }
    Ok(tokens)
}

impl Parse for Method {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let (vis, sig) = (input.parse()?, input.parse()?);
        let body = if input.peek(token::Brace) {
            Some(input.parse()?)
        } else {
            let _end: Token![;] = input.parse()?;
            None
        };
        Ok(Self { attrs, vis, sig, body })
    }
}
