//! Reads an impl block without looking into method bodies, and writes it out again.
//!
//! Bodies stay the tokens they are: what is half-typed in one is the compiler's to report, and
//! costs no other method its place. Neither does an item that can't be read: it is left out, and the
//! compiler, which has read the block before, has said what is wrong with it. Written out, the block is
//! what came in less that and the helper attributes.

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, TokenStreamExt as _, quote};
use syn::ext::IdentExt as _;
use syn::parse::discouraged::Speculative as _;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::{
    Attribute, Error, FnArg, Generics, Ident, ImplItem, Lit, Result, Signature, Token, Type,
    Visibility, WhereClause, braced, token,
};

use crate::attr::{is_block_helper, is_method_helper, is_param_helper, method_helper};
use crate::errors::Errors;

/// An inherent impl block.
pub(crate) struct Block {
    pub(crate) attrs: Vec<Attribute>,
    impl_token: Token![impl],
    pub(crate) generics: Generics,
    pub(crate) self_ty: Type,
    brace: token::Brace,
    inner: Vec<Attribute>,
    pub(crate) items: Vec<Item>,
    unreadable: Vec<Unreadable>,
}

/// An item that is left out.
struct Unreadable {
    /// Whether it was to be an `#[on_open]`.
    is_open: bool,
    /// Why: what the parser of methods said.
    error: Error,
}

/// What stands in the block.
pub(crate) enum Item {
    Method(Box<Method>),
    /// A const, a type, a macro call.
    Other(Box<ImplItem>),
}

/// A method whose body is unread.
pub(crate) struct Method {
    pub(crate) attrs: Vec<Attribute>,
    pub(crate) vis: Visibility,
    defaultness: Option<Ident>,
    pub(crate) sig: Signature,
    /// The braces and what is in them, or a semicolon, which the compiler reports.
    body: TokenTree,
}

impl Parse for Block {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let is_unsafe = input.peek(Token![unsafe]) && input.peek2(Token![impl]);
        if !is_unsafe && !input.peek(Token![impl]) {
            return Err(not_an_impl(input)?);
        }
        let _unsafe: Option<Token![unsafe]> = input.parse()?;
        let impl_token = input.parse()?;
        let mut generics: Generics =
            if input.peek(Token![<]) { input.parse()? } else { Generics::default() };
        let _negative: Option<Token![!]> = input.parse()?;
        let self_ty: Type = input.parse()?;
        if input.peek(Token![for]) {
            return Err(a_trait_impl(&self_ty, input)?);
        }
        generics.where_clause =
            if input.peek(Token![where]) { Some(input.parse::<WhereClause>()?) } else { None };
        let content;
        let brace = braced!(content in input);
        let inner = content.call(Attribute::parse_inner)?;
        let (mut items, mut unreadable) = (Vec::new(), Vec::new());
        while !content.is_empty() {
            let method = ahead(&content).map(Item::Method);
            let item = method.or_else(|error| {
                ahead(&content).map(|other| Item::Other(Box::new(other))).map_err(|_| error)
            });
            match item {
                Ok(item) => items.push(item),
                Err(error) => unreadable.push(unreadable_item(&content, error)?),
            }
        }
        Ok(Self { attrs, impl_token, generics, self_ty, brace, inner, items, unreadable })
    }
}

/// Reads what may be something else, which stays unread then.
fn ahead<T: Parse>(input: ParseStream<'_>) -> Result<T> {
    let (ahead, behind) = (input.fork(), input.fork());
    ahead.parse::<T>()?;
    let mut tokens = TokenStream::new();
    while behind.cursor() != ahead.cursor() {
        tokens.append(behind.parse::<TokenTree>()?);
    }
    // What is left unread within brackets is an error only where a parser ends.
    let read = T::parse.parse2(tokens)?;
    input.advance_to(&behind);
    Ok(read)
}

/// What stands between a method's visibility and its name, in that order.
const HEAD: [fn(ParseStream<'_>) -> bool; 6] = [
    |input| input.peek(Token![const]),
    |input| input.peek(Token![async]),
    |input| input.peek(Token![unsafe]),
    |input| input.peek(Token![extern]),
    |input| input.peek(Lit),
    |input| input.peek(Token![fn]) || input.peek(Token![type]),
];

/// Takes what can't be read: an attribute, or all up to its braces or its semicolon, or to where the next
/// item begins.
fn unreadable_item(input: ParseStream<'_>, error: Error) -> Result<Unreadable> {
    let mut is_open = false;
    while begins_attribute(input) {
        let attribute: [TokenTree; 2] = [input.parse()?, input.parse()?];
        let Ok(attrs) = Attribute::parse_outer.parse2(attribute.into_iter().collect()) else {
            return Ok(Unreadable { is_open, error });
        };
        is_open |= attrs.iter().any(|attr| method_helper(attr) == Some("on_open"));
    }
    let behind = input.cursor();
    let _vis: Visibility = input.parse()?;
    for is_next in HEAD {
        if is_next(input) {
            input.parse::<TokenTree>()?;
        }
    }
    while !input.is_empty() && (input.cursor() == behind || !begins_item(input)) {
        let is_last = input.peek(token::Brace) || input.peek(Token![;]);
        input.parse::<TokenTree>()?;
        if is_last {
            break;
        }
    }
    Ok(Unreadable { is_open, error })
}

/// Whether an item begins here; a type can't, in the signature before it, but for the rarest.
fn begins_item(input: ParseStream<'_>) -> bool {
    let is_named =
        (input.peek(Token![fn]) || input.peek(Token![type])) && input.peek2(Ident::peek_any);
    let qualifies =
        input.peek2(Token![fn]) || input.peek2(Token![async]) || input.peek2(Token![unsafe]);
    let is_qualified = input.peek(Token![pub])
        || input.peek(Token![async])
        || qualifies && (input.peek(Token![const]) || input.peek(Token![unsafe]));
    is_named || is_qualified || begins_attribute(input)
}

fn begins_attribute(input: ParseStream<'_>) -> bool {
    input.peek(Token![#]) && input.peek2(token::Bracket)
}

fn not_an_impl(input: ParseStream<'_>) -> Result<Error> {
    let _vis: Visibility = input.parse()?;
    let keyword = Ident::parse_any(input)?;
    let name = input.call(Ident::parse_any).ok();
    let advice = "`#[socket_connection]` goes on the `impl` block that has the handlers";
    let message = match &name {
        Some(name) if keyword == "trait" => {
            format!(
                "{advice}; on `trait {name}`, of what clients understand, write `#[client_events]`"
            )
        }
        Some(name) if keyword != "fn" => format!("{advice}, not on `{keyword} {name}`"),
        _ => format!("{advice}, not on a `{keyword}`"),
    };
    Ok(Error::new_spanned(quote!(#keyword #name), message))
}

fn a_trait_impl(of: &Type, input: ParseStream<'_>) -> Result<Error> {
    let _for: Token![for] = input.parse()?;
    let self_ty: Type = input.parse()?;
    let name = self_ty.to_token_stream();
    let message = format!(
        "`#[socket_connection]` goes on the inherent impl of the type: `impl {name} {{ … }}`"
    );
    Ok(Error::new_spanned(of, message))
}

impl Parse for Method {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        let is_default = input.peek(Token![default]) && !input.peek2(Token![!]);
        let defaultness = is_default.then(|| input.call(Ident::parse_any)).transpose()?;
        let sig = input.parse()?;
        if !input.peek(token::Brace) && !input.peek(Token![;]) {
            return Err(input.error("expected a body"));
        }
        Ok(Self { attrs, vis, defaultness, sig, body: input.parse()? })
    }
}

impl Block {
    /// The methods, in order.
    pub(crate) fn methods(&self) -> impl Iterator<Item = &Method> {
        self.items.iter().filter_map(|item| match item {
            Item::Method(method) => Some(&**method),
            Item::Other(_) => None,
        })
    }

    /// Whether an `#[on_open]` is left out.
    pub(crate) fn has_unreadable_open(&self) -> bool {
        self.unreadable.iter().any(|item| item.is_open)
    }

    /// Reports what is left out: there may be syntax that the compiler can read and this can't.
    pub(crate) fn report(&self, errors: &mut Errors) {
        for Unreadable { error, .. } in &self.unreadable {
            let message = "from here on this can't be read, so the item is left out";
            errors.push(Error::new(error.span(), message));
        }
    }
}

/// Writes the block without helper attributes, and without what can't be read.
impl ToTokens for Block {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self { impl_token, generics, self_ty, inner, items, .. } = self;
        let attrs = self.attrs.iter().filter(|attr| !is_block_helper(attr));
        let where_clause = &generics.where_clause;
        tokens.append_all(quote!(#(#attrs)* #impl_token #generics #self_ty #where_clause));
        self.brace.surround(tokens, |tokens| tokens.append_all(quote!(#(#inner)* #(#items)*)));
    }
}

impl ToTokens for Item {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Method(method) => method.to_tokens(tokens),
            Self::Other(other) => other.to_tokens(tokens),
        }
    }
}

impl ToTokens for Method {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self { vis, defaultness, body, .. } = self;
        let attrs = self.attrs.iter().filter(|attr| !is_method_helper(attr));
        let mut sig = self.sig.clone();
        for input in &mut sig.inputs {
            if let FnArg::Typed(param) = input {
                param.attrs.retain(|attr| !is_param_helper(attr));
            }
        }
        tokens.append_all(quote!(#(#attrs)* #vis #defaultness #sig #body));
    }
}
