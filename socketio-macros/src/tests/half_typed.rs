//! Blocks as they are while somebody types in them: whatever becomes of one item, all others come out, and
//! all other handlers are called.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::{ToTokens as _, quote};
use syn::parse::{ParseStream, Parser as _};

use crate::connection;
use crate::parse::{Block, Method};

/// The items of a block, and what the dispatch has for each.
const ITEMS: [(&str, &str); 8] = [
    ("/// As many as fit.\nconst LIMIT: usize = 5;", ""),
    (
        "#[on_open] async fn open(socket: &Socket, State(app): State<App>) -> Result<Self, Reject> { app.open() }",
        "Self :: open (",
    ),
    (
        "/// Says hello.\n#[event(\"say hello\", concurrent)] #[inline] pub(crate) async fn hello<'a>(&self, \
         #[arg(name = \"n\")] name: Cow<'a, str>, #[default = 1 + 1] times: u8) -> Result<Vec<u64>, Failure> \
         { self.greet(name).await?; Ok(vec![1]) }",
        "\"say hello\" =>",
    ),
    ("fn plain(&self, with: fn(u8) -> u8) -> u8 { with(1) }", ""),
    (
        "#[event] fn add(&mut self, a: i64, b: Option<i64>) -> i64 { a + b.unwrap_or(0) }",
        "\"add\" =>",
    ),
    (
        "#[guard(known)] #[on_event(queue = \"rest\")] fn other(&self, event: &Event) {}",
        "Self :: other (",
    ),
    ("pub unsafe fn risky(self: Box<Self>) -> [u8; 4] { loop { return [0; 4]; } }", ""),
    ("#[on_close] fn close(&mut self, reason: CloseReason) { drop(reason) }", "Self :: close ("),
];

/// What there may be of some tokens: cut off anywhere, at any depth, with and without what follows the
/// brackets around, or with one token left out.
fn half_typed(tokens: TokenStream) -> Vec<TokenStream> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut all = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let (before, after) = (&tokens[..at], &tokens[at + 1..]);
        all.push(quote!(#(#before)*));
        all.push(quote!(#(#before)* #(#after)*));
        let TokenTree::Group(group) = token else { continue };
        for inner in half_typed(group.stream()) {
            let group = Group::new(group.delimiter(), inner);
            all.push(quote!(#(#before)* #group));
            all.push(quote!(#(#before)* #group #(#after)*));
        }
    }
    all
}

/// Splits what comes out into the user's block and what follows it.
fn split(out: TokenStream) -> (Block, String) {
    let parser = |input: ParseStream<'_>| Ok((input.parse()?, input.parse::<TokenStream>()?));
    let (block, rest) = parser.parse2(out).unwrap();
    (block, rest.to_string())
}

/// An item, what the dispatch has for it, and its name and its text without helper attributes if it is a method.
struct Item {
    tokens: TokenStream,
    called: &'static str,
    method: Option<(String, String)>,
}

fn item((text, called): (&str, &'static str)) -> Item {
    let method = syn::parse_str::<Method>(text).ok();
    let method =
        method.map(|method| (method.sig.ident.to_string(), method.into_token_stream().to_string()));
    Item { tokens: text.parse().unwrap(), called, method }
}

fn check(items: &[Item], half: &TokenStream, at: usize) {
    let tokens = items.iter().map(|item| &item.tokens).enumerate();
    let tokens = tokens.map(|(index, tokens)| if index == at { half } else { tokens });
    let (block, rest) = split(connection(TokenStream::new(), quote!(impl Chat { #(#tokens)* })));
    let others = items.iter().enumerate().filter(|(other, _)| *other != at);
    for (_, Item { called, method, .. }) in others {
        assert!(rest.contains(called), "`{called}` is not called beside `{half}`: {rest}");
        let Some((name, text)) = method else { continue };
        let found: Vec<_> = block.methods().filter(|method| method.sig.ident == name).collect();
        assert_eq!(found.len(), 1, "so many `{name}` beside `{half}`");
        let found = found[0].to_token_stream().to_string();
        // What is half typed may be the beginning of what follows it.
        assert!(found.ends_with(text), "{found} is not {text} beside `{half}`");
    }
}

#[test]
fn all_other_handlers_are_called() {
    let items = ITEMS.map(item);
    for (at, item) in items.iter().enumerate() {
        for half in half_typed(item.tokens.clone()) {
            check(&items, &half, at);
        }
    }
}
