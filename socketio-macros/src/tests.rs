//! What blocks become, as files that a person can read.
//!
//! `tests/expand/x.input.rs` is a block, `tests/expand/x.rs` what it becomes; with `UPDATE_EXPECT=1`
//! in the environment the tests write the latter.

mod half_typed;

use std::path::{Path, PathBuf};
use std::{env, fs};

use proc_macro2::TokenStream;
use quote::{ToTokens as _, quote};

use crate::client_events::client_events;
use crate::{connection, fallback, guard};

fn files() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/expand")
}

/// Expands the one block in a file, as the compiler would.
fn expand(input: &str) -> TokenStream {
    let mut block: syn::ItemImpl = syn::parse_str(input).unwrap();
    let options = options(&mut block.attrs, "socket_connection");
    connection(options, block.into_token_stream())
}

/// Takes our attribute off.
fn options(attrs: &mut Vec<syn::Attribute>, name: &str) -> TokenStream {
    let attr = attrs.remove(attrs.iter().position(|attr| attr.path().is_ident(name)).unwrap());
    match attr.meta {
        syn::Meta::List(list) => list.tokens,
        _ => TokenStream::new(),
    }
}

fn check(name: &str) {
    let input = fs::read_to_string(files().join(format!("{name}.input.rs"))).unwrap();
    check_tokens(name, expand(&input));
}

/// What `caller!` lets through where the feature `client` is on.
fn let_through(item: syn::Item) -> Vec<syn::Item> {
    match item {
        syn::Item::Macro(caller) if caller.mac.path.segments.last().unwrap().ident == "caller" => {
            syn::parse2::<syn::File>(caller.mac.tokens).unwrap().items
        }
        item => vec![item],
    }
}

fn check_tokens(name: &str, expanded: TokenStream) {
    let mut expanded: syn::File = syn::parse2(expanded).unwrap();
    expanded.items = expanded.items.into_iter().flat_map(let_through).collect();
    let expanded = prettyplease::unparse(&expanded);
    let path = files().join(format!("{name}.rs"));
    if env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, &expanded).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert!(expanded == expected, "{name} becomes something else (UPDATE_EXPECT=1):\n{expanded}");
}

#[test]
fn arguments_are_taken_in_order() {
    check("arguments");
}

#[test]
fn a_life_has_a_beginning_and_an_end() {
    check("life");
}

#[test]
fn generics_pass_through() {
    check("generics");
}

#[test]
fn conditions_travel_with_their_methods() {
    check("conditions");
}

#[test]
fn handlers_that_share_the_connection_run_beside_each_other() {
    check("order");
}

#[test]
fn guards_and_throttles_come_before_arguments() {
    check("guards");
}

#[test]
fn a_trait_of_client_events_is_calls_and_a_receiver() {
    let input = fs::read_to_string(files().join("client_events.input.rs")).unwrap();
    let mut item: syn::ItemTrait = syn::parse_str(&input).unwrap();
    let options = options(&mut item.attrs, "client_events");
    check_tokens("client_events", client_events(options, item.into_token_stream()));
}

#[test]
fn a_half_typed_event_costs_no_other_its_place() {
    let item = quote! {
        trait ChatClient {
            fn hello(name: &str);
            fn half(name: );
            fn body(name: &str) { name. }
            async fn add(a: i64) -> i64;
        }
    };
    let out = client_events(TokenStream::new(), item).to_string();
    assert!(out.contains("\"hello\" =>") && out.contains("\"add\" =>"), "{out}");
    assert!(!out.contains("\"body\" =>") && out.contains("name ."), "{out}");
}

#[test]
fn a_guard_is_a_function_and_a_type() {
    let function = quote! {
        /// Lets people in.
        #[cfg(all())]
        pub(crate) async fn logged_in<'a>(
            socket: &'a Socket,
            State(db): State<Db>,
            Auth(login): Auth<Login>,
            event: &Event,
            State(mail): State<Mail>,
        ) -> Result<User, LoginError> {
            todo!()
        }
    };
    check_tokens("guard", guard::guard(TokenStream::new(), function));
}

#[test]
fn a_caller_has_a_method_for_each_event() {
    check("caller");
}

#[test]
fn sound_handlers_stay_beside_mistakes() {
    check("mistakes");
}

#[test]
fn every_file_is_checked() {
    let inputs = fs::read_dir(files()).unwrap().map(|file| file.unwrap().file_name());
    let inputs = inputs.filter(|name| name.to_string_lossy().ends_with(".input.rs"));
    assert_eq!(inputs.count(), 9);
}

#[test]
fn a_body_need_not_be_complete() {
    let block = quote! {
        impl Chat {
            #[event]
            fn hello(&self) { self. }
            #[event]
            fn add(&self, a: i64) -> i64 { let }
        }
    };
    let expanded = connection(TokenStream::new(), block).to_string();
    assert!(!expanded.contains("compile_error"), "{expanded}");
    assert!(expanded.contains("\"hello\" =>") && expanded.contains("\"add\" =>"), "{expanded}");
}

#[test]
fn what_can_not_be_read_comes_out_without_our_attributes() {
    let item =
        quote!(impl Greet for Chat { #[event] #[inline] fn hello(&self, #[arg] name: u8) {} });
    let error = syn::Error::new(proc_macro2::Span::call_site(), "no");
    let out = fallback::beside(item, &error).to_string();
    let expected = quote!(impl Greet for Chat { #[inline] fn hello(&self, name: u8) {} });
    assert!(out.starts_with(&expected.to_string()), "{out}");
    assert!(out.contains("compile_error"), "{out}");
}

#[test]
fn the_derive_helper_default_is_not_ours() {
    let item = quote!(
        #[derive(Default)]
        enum Chat {
            #[default]
            Open,
            Closed,
        }
    );
    let out = connection(TokenStream::new(), item.clone()).to_string();
    assert!(out.starts_with(&item.to_string()), "{out}");
}
