//! Reads attributes: which are ours, and what their options say.
//!
//! An option that is unknown or ill-typed is reported at its token with what there is instead; the
//! rest of the attribute still counts.

mod endpoints;
mod guard;
mod order;

pub(crate) use endpoints::{EndpointEntry, endpoints};
pub(crate) use guard::{Guard, Throttle};
pub(crate) use order::{Order, OrderOptions};

use proc_macro2::TokenStream;
use syn::ext::IdentExt as _;
use syn::parse::{Parse, ParseStream, Parser as _};
use syn::punctuated::Punctuated;
use syn::{Attribute, Expr, ExprLit, Ident, Lit, LitStr, Meta, Path, Token, Visibility};

use crate::errors::Errors;
use crate::model::Caller;
use crate::suggest::suggest;

const METHOD_HELPERS: [&str; 7] =
    ["event", "on_open", "on_endpoint", "on_message", "on_event", "on_close", "on_error"];
const BLOCK_HELPERS: [&str; 1] = ["endpoints"];
const BEFORE_HELPERS: [&str; 2] = ["guard", "throttle"];
const PARAM_HELPERS: [&str; 4] = ["ctx", "arg", "default", "rest"];

/// Whether this is ours to read on a block.
pub(crate) fn is_block_helper(attr: &Attribute) -> bool {
    is_endpoints(attr) || before_helper(attr).is_some()
}

/// Whether this is `#[endpoints(…)]`.
pub(crate) fn is_endpoints(attr: &Attribute) -> bool {
    helper(attr, &BLOCK_HELPERS).is_some()
}

/// Whether this is ours to read on a method.
pub(crate) fn is_method_helper(attr: &Attribute) -> bool {
    method_helper(attr).is_some() || before_helper(attr).is_some()
}

/// The word of an attribute that says what is to happen before a handler: `guard`, `throttle`.
pub(crate) fn before_helper(attr: &Attribute) -> Option<&'static str> {
    helper(attr, &BEFORE_HELPERS)
}

/// Whether this says what a parameter is.
pub(crate) fn is_param_helper(attr: &Attribute) -> bool {
    param_helper(attr).is_some()
}

/// The word of an attribute that makes a method a handler.
pub(crate) fn method_helper(attr: &Attribute) -> Option<&'static str> {
    helper(attr, &METHOD_HELPERS)
}

/// The word of an attribute that says what a parameter is.
pub(crate) fn param_helper(attr: &Attribute) -> Option<&'static str> {
    helper(attr, &PARAM_HELPERS)
}

/// Whether a word, written as an attribute of a method or a block, is ours to read.
pub(crate) fn is_item_helper_word(word: &str) -> bool {
    [&METHOD_HELPERS[..], &BLOCK_HELPERS, &BEFORE_HELPERS].concat().contains(&word)
}

/// Whether a word, written as an attribute of a parameter, is ours to read.
pub(crate) fn is_param_helper_word(word: &str) -> bool {
    PARAM_HELPERS.contains(&word)
}

fn helper(attr: &Attribute, words: &[&'static str]) -> Option<&'static str> {
    let path = attr.path();
    let ours = path.segments.len() == 1
        || path.segments.first().is_some_and(|first| first.ident == "socketio_core");
    let word = &path.segments.last()?.ident;
    words.iter().find(|known| ours && word == *known).copied()
}

/// Which forms of call an event takes: `args = …`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Either,
    Positional,
    Keyword,
}

/// What becomes of surplus arguments: `extra_args = …`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Surplus {
    Refuse,
    Ignore,
}

/// The options of `#[socket_connection(…)]`.
#[derive(Default)]
pub(crate) struct BlockOptions {
    pub(crate) krate: Option<Path>,
    pub(crate) extra_args: Option<Surplus>,
    pub(crate) client: Option<Path>,
    pub(crate) caller: Option<Caller>,
    pub(crate) strict: Option<Ident>,
}

/// The options of `#[event(…)]`.
#[derive(Default)]
pub(crate) struct EventOptions {
    pub(crate) name: Option<LitStr>,
    pub(crate) form: Option<Form>,
    pub(crate) extra_args: Option<Surplus>,
    pub(crate) order: OrderOptions,
}

/// One of the comma-separated things in an attribute's parentheses.
enum Entry {
    Word(Ident),
    Pair(Ident, Expr),
    /// `caller = pub Name`
    Item(Ident, Visibility, Expr),
    Value(Expr),
}

impl Parse for Entry {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let ahead = input.fork();
        if ahead.call(Ident::parse_any).is_ok() {
            if ahead.is_empty() || ahead.peek(Token![,]) {
                return Ok(Self::Word(input.call(Ident::parse_any)?));
            }
            if ahead.peek(Token![=]) && !ahead.peek(Token![==]) {
                let key = input.call(Ident::parse_any)?;
                let _eq: Token![=] = input.parse()?;
                if key == "caller" {
                    return Ok(Self::Item(key, input.parse()?, input.parse()?));
                }
                return Ok(Self::Pair(key, input.parse()?));
            }
        }
        Ok(Self::Value(input.parse()?))
    }
}

fn entries(tokens: TokenStream, errors: &mut Errors) -> Vec<Entry> {
    match Punctuated::<Entry, Token![,]>::parse_terminated.parse2(tokens) {
        Ok(entries) => entries.into_iter().collect(),
        Err(error) => {
            errors.push(error);
            Vec::new()
        }
    }
}

/// The tokens in an attribute's parentheses; `#[word = …]` is an error.
fn arguments(attr: &Attribute, form: &str, errors: &mut Errors) -> TokenStream {
    match &attr.meta {
        Meta::Path(_) => TokenStream::new(),
        Meta::List(list) => list.tokens.clone(),
        Meta::NameValue(_) => {
            errors.at(&attr.meta, format!("write `{form}`"));
            TokenStream::new()
        }
    }
}

impl BlockOptions {
    /// Reads what stands in the attribute's parentheses.
    pub(crate) fn read(tokens: TokenStream, errors: &mut Errors) -> Self {
        const KNOWN: [&str; 5] = ["crate", "extra_args", "client", "strict", "caller"];
        let (mut options, mut names_client) = (Self::default(), false);
        for entry in entries(tokens, errors) {
            names_client |=
                matches!(&entry, Entry::Pair(key, _) | Entry::Word(key) if key == "client");
            match entry {
                Entry::Pair(key, value) if key == "crate" => options.krate = krate(&value, errors),
                Entry::Pair(key, value) if key == "extra_args" => {
                    set_once(&mut options.extra_args, surplus(&value, errors), &key, errors);
                }
                Entry::Pair(key, value) if key == "client" => {
                    let client = path(&value, "client = ChatClient", errors);
                    set_once(&mut options.client, client, &key, errors);
                }
                Entry::Word(key) if key == "client" => errors.at(&key, NO_CLIENT),
                Entry::Item(key, vis, value) => {
                    set_once(&mut options.caller, caller(vis, &value, errors), &key, errors);
                }
                Entry::Word(key) if key == "caller" => errors.at(&key, NO_CALLER),
                Entry::Word(key) if key == "strict" => {
                    set_once(&mut options.strict, Some(key.clone()), &key, errors);
                }
                Entry::Pair(key, _) if key == "strict" => {
                    errors.at(&key, "`strict` takes no value: it is there, or it is not");
                }
                other => unknown(&other, &KNOWN, errors),
            }
        }
        if let Some(strict) = options.strict.as_ref().filter(|_| !names_client) {
            errors.at(
                strict,
                "`strict` needs the trait that it holds handlers to: `client = ChatClient, strict`",
            );
        }
        options
    }
}

const NO_CLIENT: &str =
    "`client` needs the `#[client_events]` trait of the clients: `client = ChatClient`";

const NO_CALLER: &str =
    "`caller` needs a name for the struct that it writes: `caller = pub ChatCaller`";

/// The value of `caller = pub Name`.
fn caller(vis: Visibility, value: &Expr, errors: &mut Errors) -> Option<Caller> {
    let path = path(value, "caller = pub ChatCaller", errors)?;
    let name = path.get_ident().cloned();
    if name.is_none() {
        errors.at(&path, "the caller is written here: it has a name, and no path");
    }
    Some(Caller { vis, name: name? })
}

/// The value of an option that is a path.
fn path(value: &Expr, form: &str, errors: &mut Errors) -> Option<Path> {
    match value {
        Expr::Path(path) if path.qself.is_none() => Some(path.path.clone()),
        Expr::Group(group) => path(&group.expr, form, errors),
        _ => {
            errors.at(value, format!("expected a path, without quotes: `{form}`"));
            None
        }
    }
}

/// Reads the options of `#[guard]` on a function, none or `crate = "path"`; gives `false` where something else
/// stands there.
pub(crate) fn guard_options(
    tokens: TokenStream,
    path: &mut Option<Path>,
    errors: &mut Errors,
) -> bool {
    let entries = Punctuated::<Entry, Token![,]>::parse_terminated.parse2(tokens);
    let mut entries = entries.into_iter().flatten();
    match (entries.next(), entries.next()) {
        (Some(Entry::Pair(key, value)), None) if key == "crate" => {
            *path = krate(&value, errors);
            true
        }
        _ => false,
    }
}

/// Reads the options of `#[client_events(…)]`: `crate = "path"`.
pub(crate) fn client_events_options(tokens: TokenStream, errors: &mut Errors) -> Option<Path> {
    let mut path = None;
    for entry in entries(tokens, errors) {
        match entry {
            Entry::Pair(key, value) if key == "crate" => path = krate(&value, errors),
            other => unknown(&other, &["crate"], errors),
        }
    }
    path
}

/// The value of `crate = "path"`.
fn krate(value: &Expr, errors: &mut Errors) -> Option<Path> {
    let path = text(value).map(|text| text.parse_with(Path::parse_mod_style));
    let path = path.and_then(Result::ok);
    if path.is_none() {
        errors.at(value, "expected a path to the crate, such as `\"::socketio_core\"`");
    }
    path
}

impl EventOptions {
    /// Reads `#[event]`, `#[event("name")]`, `#[event("name", key = "value")]`.
    pub(crate) fn read(attr: &Attribute, errors: &mut Errors) -> Self {
        Self::read_known(attr, &["args", "extra_args", "queue", "concurrent"], errors)
    }

    /// The same of an event that is emitted, which has fewer options.
    pub(crate) fn read_emitted(attr: &Attribute, errors: &mut Errors) -> Self {
        Self::read_known(attr, &["args"], errors)
    }

    fn read_known(attr: &Attribute, known: &[&str], errors: &mut Errors) -> Self {
        let mut options = Self::default();
        let is_handled = known.contains(&"queue");
        let tokens = arguments(attr, "#[event(\"name\")]", errors);
        for (index, entry) in entries(tokens, errors).into_iter().enumerate() {
            let entry = if is_handled { options.order.take(entry, errors) } else { Some(entry) };
            let Some(entry) = entry else { continue };
            match entry {
                Entry::Value(value) if index == 0 => match text(&value) {
                    Some(name) => options.name = Some(name.clone()),
                    None => errors.at(value, NAME_IS_LITERAL),
                },
                Entry::Word(word) if index == 0 && !known.contains(&&*word.to_string()) => {
                    errors.at(&word, format!("{NAME_IS_LITERAL}: `#[event(\"{word}\")]`"));
                }
                Entry::Pair(key, value) if key == "args" => {
                    let form = choice(&value, &FORMS, errors);
                    set_once(&mut options.form, form, &key, errors);
                }
                Entry::Pair(key, value) if is_handled && key == "extra_args" => {
                    set_once(&mut options.extra_args, surplus(&value, errors), &key, errors);
                }
                Entry::Value(value) if text(&value).is_some() => {
                    errors.at(value, "an event has one name, and it comes first");
                }
                other => unknown(&other, known, errors),
            }
        }
        options
    }
}

const NAME_IS_LITERAL: &str = "the event name must be a string literal";
const FORMS: [(&str, Form); 2] = [("positional", Form::Positional), ("keyword", Form::Keyword)];
const SURPLUS: [(&str, Surplus); 2] = [("refuse", Surplus::Refuse), ("ignore", Surplus::Ignore)];

/// Reports what stands in the parentheses of an attribute that takes nothing.
pub(crate) fn no_options(attr: &Attribute, word: &str, errors: &mut Errors) {
    if !matches!(attr.meta, Meta::Path(_)) {
        errors.at(&attr.meta, format!("`#[{word}]` takes no options"));
    }
}

/// Reads `#[arg(name = "x")]`.
pub(crate) fn arg_name(attr: &Attribute, errors: &mut Errors) -> Option<LitStr> {
    let mut name = None;
    for entry in entries(arguments(attr, "#[arg(name = \"x\")]", errors), errors) {
        match entry {
            Entry::Pair(key, value) if key == "name" => match text(&value) {
                Some(text) => set_once(&mut name, Some(text.clone()), &key, errors),
                None => errors.at(value, "expected a string literal"),
            },
            other => unknown(&other, &["name"], errors),
        }
    }
    name
}

/// Reads `#[default]`, `#[default = expr]` and `#[default(expr)]`.
pub(crate) fn default_value(attr: &Attribute, errors: &mut Errors) -> Option<Expr> {
    match &attr.meta {
        Meta::Path(_) => None,
        Meta::NameValue(pair) => Some(pair.value.clone()),
        Meta::List(list) => match syn::parse2(list.tokens.clone()) {
            Ok(value) => Some(value),
            Err(error) => {
                errors.push(error);
                None
            }
        },
    }
}

/// The string literal that an expression is.
pub(crate) fn text(value: &Expr) -> Option<&LitStr> {
    match value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text),
        // What a `macro_rules!` put in for a `$name:literal`.
        Expr::Group(group) => text(&group.expr),
        _ => None,
    }
}

fn surplus(value: &Expr, errors: &mut Errors) -> Option<Surplus> {
    choice(value, &SURPLUS, errors)
}

/// One of a few words, as a string literal.
fn choice<T: Copy>(value: &Expr, choices: &[(&str, T)], errors: &mut Errors) -> Option<T> {
    let words: Vec<&str> = choices.iter().map(|(word, _)| *word).collect();
    let Some(word) = text(value) else {
        errors.at(value, format!("expected `\"{}\"`", words.join("\"` or `\"")));
        return None;
    };
    let found = choices.iter().find(|(known, _)| *known == word.value());
    if found.is_none() {
        let end = suggest(&word.value(), &words);
        errors.at(value, format!("unknown value `{}`{end}", word.value()));
    }
    found.map(|(_, choice)| *choice)
}

fn set_once<T>(place: &mut Option<T>, value: Option<T>, key: &Ident, errors: &mut Errors) {
    if place.is_some() {
        errors.at(key, format!("option `{key}` is there twice"));
    }
    *place = value.or(place.take());
}

fn unknown(entry: &Entry, known: &[&str], errors: &mut Errors) {
    match entry {
        Entry::Word(key) if known.contains(&&*key.to_string()) => {
            errors.at(key, format!("option `{key}` needs a value: `{key} = \"…\"`"));
        }
        Entry::Word(key) | Entry::Pair(key, _) | Entry::Item(key, ..) => {
            let end = suggest(&key.to_string(), known);
            errors.at(key, format!("unknown option `{key}`{end}"));
        }
        Entry::Value(value) => {
            errors.at(value, format!("expected an option{}", suggest("", known)));
        }
    }
}
