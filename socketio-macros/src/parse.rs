//! Reads an impl block without looking into method bodies, and writes it out again.
//!
//! Bodies stay the tokens they are: what is half-typed in one is the compiler's to report, and
//! costs no other method its place. Neither does an item that can't be read: it comes out as it
//! came in, in a block of its own behind all else, for the compiler to say what is wrong with it.
//! Written out, the block is what came in less the helper attributes.

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

/// An inherent impl block.
pub(crate) struct Block {
    pub(crate) attrs: Vec<Attribute>,
    impl_token: Token![impl],
    pub(crate) generics: Generics,
    pub(crate) self_ty: Type,
    brace: token::Brace,
    inner: Vec<Attribute>,
    pub(crate) items: Vec<Item>,
    unreadable: Vec<TokenStream>,
}

/// What stands in the block.
pub(crate) enum Item {
    Method(Box<Method>),
    /// A const, a type, a macro call.
    Other(TokenStream),
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
            if let Ok(method) = ahead(&content) {
                items.push(Item::Method(method));
            } else if let Ok(other) = ahead::<ImplItem>(&content) {
                items.push(Item::Other(other.into_token_stream()));
            } else {
                unreadable.push(content.call(unreadable_item)?);
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
fn unreadable_item(input: ParseStream<'_>) -> Result<TokenStream> {
    let mut item = TokenStream::new();
    while begins_attribute(input) {
        let (pound, brackets): (TokenTree, TokenTree) = (input.parse()?, input.parse()?);
        let is_read = Attribute::parse_outer.parse2(quote!(#pound #brackets)).is_ok();
        item.extend([pound, brackets]);
        if !is_read {
            return Ok(item);
        }
    }
    input.parse::<Visibility>()?.to_tokens(&mut item);
    for is_next in HEAD {
        if is_next(input) {
            item.append(input.parse::<TokenTree>()?);
        }
    }
    while !input.is_empty() && (item.is_empty() || !begins_item(input)) {
        let is_last = input.peek(token::Brace) || input.peek(Token![;]);
        item.append(input.parse::<TokenTree>()?);
        if is_last {
            break;
        }
    }
    Ok(item)
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

    /// Whether one of the items that can't be read is an `#[on_open]`.
    pub(crate) fn has_unreadable_open(&self) -> bool {
        let attrs = |input: ParseStream<'_>| {
            let attrs = input.call(Attribute::parse_outer);
            input.parse::<TokenStream>().and(attrs)
        };
        let attrs = self.unreadable.iter().filter_map(|item| attrs.parse2(item.clone()).ok());
        attrs.flatten().any(|attr| method_helper(&attr) == Some("on_open"))
    }

    /// Blocks with what can't be read, each by itself, attributes and all: one that the compiler can read
    /// nevertheless reports its `#[event]`.
    pub(crate) fn unreadable(&self) -> TokenStream {
        let mut blocks = TokenStream::new();
        for item in &self.unreadable {
            self.block(&mut blocks, item);
        }
        blocks
    }

    fn block(&self, tokens: &mut TokenStream, content: impl ToTokens) {
        let Self { impl_token, generics, self_ty, .. } = self;
        let attrs = self.attrs.iter().filter(|attr| !is_block_helper(attr));
        let where_clause = &generics.where_clause;
        tokens.append_all(quote!(#(#attrs)* #impl_token #generics #self_ty #where_clause));
        self.brace.surround(tokens, |tokens| content.to_tokens(tokens));
    }
}

/// Writes the block without helper attributes, and without what can't be read.
impl ToTokens for Block {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        let Self { inner, items, .. } = self;
        self.block(tokens, quote!(#(#inner)* #(#items)*));
    }
}

impl ToTokens for Item {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Method(method) => method.to_tokens(tokens),
            Self::Other(other) => tokens.append_all(other.clone()),
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
