//! `ORDER`: which events run beside each other.
//!
//! Called by `dispatch` for a block whose handlers are not all on the connection's own queue; queues get
//! numbers, in the order in which the block names them.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};

use super::dispatch::{any_event, event_name};
use super::{Out, attrs, hygienic};
use crate::attr::Order;
use crate::model::{Handler, Role};

/// `SocketConnection::ORDER`.
pub(super) fn order(out: &Out<'_>, handlers: &[&Handler<'_>]) -> TokenStream {
    let private = &out.private;
    let queues = queues(handlers);
    let arms = |of: fn(&Handler<'_>) -> Option<TokenStream>| {
        handlers.iter().zip(&queues).filter_map(move |(handler, queue)| {
            let (attrs, pattern) = (attrs::carried(handler), of(handler)?);
            let order = match (handler.is_exclusive(), queue) {
                (true, _) => quote!(Alone),
                (false, Some(queue)) => quote!(Queue(#queue)),
                (false, None) => quote!(Concurrent),
            };
            Some(quote_spanned!(hygienic()=> #attrs #pattern => #private::Order::#order,))
        })
    };
    let named = arms(|handler| event_name(handler).map(|name| quote!(#name)));
    let unnamed = arms(|handler| matches!(handler.role, Role::AnyEvent).then(|| quote!(_)));
    let unhandled = attrs::otherwise(any_event(handlers).map(|handler| &*handler.cfgs))
        .map(|cfg| quote_spanned!(hygienic()=> #cfg _ => #private::Order::Queue(0),));
    quote_spanned! {hygienic()=>
        const ORDER: #private::Option<fn(&str) -> #private::Order> =
            #private::Option::Some(|event| match event { #(#named)* #(#unnamed)* #unhandled });
    }
}

/// The number of each handler's queue, if it has one; 0 is the connection's own.
fn queues(handlers: &[&Handler<'_>]) -> Vec<Option<usize>> {
    let (mut names, mut count) = (Vec::<(String, usize)>::new(), 0);
    let mut next = || {
        count += 1;
        count
    };
    let queue = |handler: &&Handler<'_>| match &handler.order {
        Order::Own => Some(0),
        Order::Concurrent(_) => None,
        Order::Itself => Some(next()),
        Order::Named(name) => {
            let name = name.value();
            let known = names.iter().find(|(known, _)| *known == name).map(|(_, queue)| *queue);
            Some(known.unwrap_or_else(|| {
                let queue = next();
                names.push((name, queue));
                queue
            }))
        }
    };
    handlers.iter().map(queue).collect()
}
