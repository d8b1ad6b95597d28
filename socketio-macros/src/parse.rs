//! Reads an impl block without looking into method bodies, and writes it out again.
//!
//! Bodies stay the tokens they are: what is half-typed in one is the compiler's to report, and
//! costs no other method its place. Written out, the block is what came in less the helper
//! attributes.

use proc_macro2::{Group, TokenStream};
use quote::{ToTokens, TokenStreamExt as _, quote};
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream};
use syn::{
    Attribute, Error, FnArg, Generics, Ident, ImplItem, Result, Signature, Token, Type, Visibility,
    WhereClause, braced, token,
};

use crate::attr::{is_block_helper, is_method_helper, is_param_helper};

/// An inherent impl block.
pub(crate) struct Block {
    pub(crate) attrs: Vec<Attribute>,
    impl_token: Token![impl],
    pub(crate) generics: Generics,
    pub(crate) self_ty: Type,
    brace: token::Brace,
    inner: Vec<Attribute>,
    pub(crate) items: Vec<Item>,
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
    body: Group,
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
        let mut items = Vec::new();
        while !content.is_empty() {
            items.push(content.parse()?);
        }
        Ok(Self { attrs, impl_token, generics, self_ty, brace, inner, items })
    }
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

impl Parse for Item {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let ahead = input.fork();
        match ahead.parse::<Method>() {
            Ok(_) => Ok(Self::Method(input.parse()?)),
            Err(_) => Ok(Self::Other(input.parse::<ImplItem>()?.into_token_stream())),
        }
    }
}

impl Parse for Method {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let attrs = input.call(Attribute::parse_outer)?;
        let vis = input.parse()?;
        let is_default = input.peek(Token![default]) && !input.peek2(Token![!]);
        let defaultness = is_default.then(|| input.call(Ident::parse_any)).transpose()?;
        let sig = input.parse()?;
        if !input.peek(token::Brace) {
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
}

/// Writes the block without helper attributes.
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
