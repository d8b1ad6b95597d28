//! The attribute macros of `socketio-core`, which re-exports and documents them.
//!
//! One way through: `parse` and `attr` read a block, `build` makes its `model`, `check` says what is
//! wrong with that, `expand` writes the implementations. Everything wrong with a block is reported at
//! once; the block itself always comes out.

mod attr;
mod build;
mod check;
mod client_events;
mod errors;
mod expand;
mod fallback;
mod guard;
mod model;
mod parse;
mod suggest;
#[cfg(test)]
mod tests;
mod ty;

use proc_macro2::{Span, TokenStream};
use quote::quote;

/// Makes a type a connection type: put it on the `impl` block that has the handlers.
///
/// ```text
/// #[socket_connection]
/// #[endpoints("/chat" => Chat)]
/// impl Lobby {
///     #[on_open]
///     fn open(socket: &Socket, State(app): State<App>) -> Result<Self, Reject> { … }
///
///     #[event]
///     fn add(&self, a: i64, b: i64) -> i64 { a + b }
/// }
/// ```
///
/// | on a method | it runs | and takes, in any order |
/// |---|---|---|
/// | `#[on_open]` | when a client connects; makes the connection | contexts |
/// | `#[on_endpoint]` | for an endpoint that `#[endpoints]` does not name; chooses its type | contexts, the path as `&str` |
/// | `#[event("name")]` | for that event | contexts, event contexts, arguments |
/// | `#[on_message]` | for what clients `send` | contexts, event contexts |
/// | `#[on_event]` | for every event that no other names | contexts, event contexts |
/// | `#[on_error]` | when a handler fails | contexts, `&HandlerError` |
/// | `#[on_close]` | when the connection has ended | contexts, `CloseReason` |
///
/// Contexts are `Socket`, `&Socket`, `&ConnectionInfo`, `State<T>`, `Extension<T>`, `Guarded<T>` (what a
/// [`#[guard]`](macro@guard) gave; not for `#[on_endpoint]`), and what is marked `#[ctx]`, of any type that is `FromConnection`. Event contexts are `Event`, `&Event`,
/// `Message` and `AckSender`. Both are told by the last word of their type; `#[arg]` says that a
/// parameter is an argument after all. `#[event]` alone is the event of the method's name.
///
/// Arguments are of any type that is `serde::Deserialize`; by reference, `&str`, `&[u8]` and `&RawValue`.
/// One whose type is `Validate` is asked before the handler is called. A binary value is a `&[u8]`, a `Binary`, or of another type that serde knows as bytes;
/// a `Vec<u8>` is an array of numbers, with a warning unless `#[arg]` stands before it.
///
/// Behind the name of an event, and on `#[on_message(…)]` and `#[on_event(…)]`:
///
/// | written | its events run |
/// |---|---|
/// | nothing | one at a time with all others of the connection's own queue, in the order they came |
/// | `queue = "name"` | one at a time with those of that queue, in the order they came, beside all others |
/// | `queue` | the same in a queue of its own |
/// | `concurrent` | at once, beside all others; takes `&self` |
///
/// A `&mut self` handler has the connection for itself: in a block that has one of these options it waits
/// for the events before it, and those behind it wait for its end. `#[on_error]` takes `&self` there.
///
/// | on an argument | |
/// |---|---|
/// | `Option<T>` as its type | may be left out |
/// | `#[default]`, `#[default = value]` | may be left out, too, or be `null` |
/// | `#[rest]` on a `Vec<T>` | takes all that is left |
/// | `#[arg(name = "x")]` | its name in keyword calls, if it is not the parameter's |
///
/// [`#[guard(path)]`](macro@guard) on a method or on the block runs a guard before its events, or before
/// a connection opens; [`#[throttle(10, per = "1s")]`](macro@throttle) says how often events may come.
///
/// In a path of `#[endpoints]` a segment `{name}` stands for any one that is not empty, and `{*name}` at
/// the end for all that is left; `info.param("name")` tells what came. The path that says most wins:
/// `/room/lobby` before `/room/{id}`, and both before `#[on_endpoint]`. These two attributes count on
/// the type that the server is built with, which serves the root.
///
/// `#[on_endpoint]` marks a function without `self`. `Endpoint::of::<Game>()` as `Endpoint<App>`
/// starts a `Game` with an `App`, which must be the server's state or a part of it; as `Endpoint`,
/// with none. `None` is no endpoint, and as silent as one; an error refuses the client as in `#[on_open]`.
/// The function runs in the new connection, before its `#[on_open]`.
///
/// ```text
/// #[on_endpoint]
/// async fn endpoint(path: &str, State(app): State<App>) -> Option<Endpoint<App>> {
///     app.games.contains(path).await.then(Endpoint::of::<Game>)
/// }
/// ```
///
/// Options: `extra_args = "refuse"` (the default) or `"ignore"` says what becomes of more arguments
/// than an event's handler has parameters; `client = ChatClient` names the trait of what its clients
/// understand ([`macro@client_events`]), so that no handler takes a `Socket` of others, and `strict` beside it that none
/// takes one that emits by names; `crate = "path"` is where to find `socketio_core` if it
/// is not in the root under its own name. `caller = pub ChatCaller` (feature `client`) also writes a struct
/// for Rust clients, with a method for each `#[event]`: `chat.add(1, 2).await? == 3`. It takes `&str` for a `String`,
/// a slice for a `Vec`, an `Option` for what has a default. It gives the handler's value, which must be `Deserialize`, or a
/// `CallError`, whose `handler_error::<E>()` is the error of its `Result`.
#[proc_macro_attribute]
pub fn socket_connection(
    options: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    connection(options.into(), item.into()).into()
}

fn connection(options: TokenStream, item: TokenStream) -> TokenStream {
    let block: parse::Block = match syn::parse2(item.clone()) {
        Ok(block) => block,
        Err(error) => return fallback::beside(item, &error),
    };
    let mut errors = errors::Errors::default();
    let model = build::build(options, &block, &mut errors);
    let generated = expand::expand(&model);
    let errors = errors.to_compile_errors();
    quote!(#block #errors #generated)
}

/// Makes typed calls of a trait: what clients understand, as the methods of a socket.
///
/// ```text
/// /// What the page implements.
/// #[client_events]
/// pub trait ChatClient {
///     /// `socket.on('thanks', name => …)`
///     fn thanks(name: &str);
///     #[event("new message")]
///     fn new_message(from: &str, text: &str, room: Option<&str>);
///     /// `socket.on('confirm', (question, answer) => answer(true))`
///     async fn confirm(question: &str) -> bool;
/// }
///
/// #[socket_connection(client = ChatClient, strict)]
/// impl Chat {
///     #[event]
///     async fn leave(&self, socket: &Socket<dyn ChatClient>) -> Result<(), AckError> {
///         if socket.client().confirm("Leave?").await? {
///             socket.to("lobby").client().new_message("Joes", "Bye", None).ok();
///         }
///         Ok(())
///     }
/// }
/// ```
///
/// | written | is |
/// |---|---|
/// | `fn thanks(name: &str);` | the event `thanks` with one argument; a call gives `Result<(), EmitError>` |
/// | `async fn confirm(question: &str) -> bool;` | an event with an acknowledgement; a call gives `PendingAck<bool>`, or `PendingAcks<bool>` of many clients. A tuple is several values, and without a type it is `()` |
/// | `#[event("new message")]` | the event's name, if it is not the method's |
/// | `#[event(args = "keyword")]` | that the arguments are one object, by their names |
/// | `#[arg(name = "type")]` | an argument's name, if it is not the parameter's |
/// | `Option<T>` | an argument that is `null` for `None`, and left out of an object; at the end of a list |
///
/// Arguments are of any type that is `serde::Serialize`, owned or borrowed; a `&[u8]` is a binary value. There is
/// no `&` inside other types, as text with escapes can't be borrowed there: a list of texts is `&[String]`. A type of
/// your own that has a lifetime is written with it, `Board<'_>`. Docs, `#[cfg]` and `#[deprecated]` of a method are
/// those of the call, too.
///
/// `dyn ChatClient` names those clients: `Socket<dyn ChatClient>` has [`client`](../socketio_core/struct.Socket.html#method.client)
/// in place of `emit` and `send`, and so have its rooms, broadcasts and server. Handlers take it as they take a
/// `Socket`; elsewhere, `typed` makes one of another: `io.of("/chat").typed::<dyn ChatClient>().client()`. With
/// `client = ChatClient` in `#[socket_connection]` no handler can take a socket of other clients, and with `strict`
/// none that emits by names.
///
/// The trait stays one. A client that is written in Rust implements it: its methods take `&self`, an `async fn` of
/// the trait is one of the impl. Its arguments must be `serde::Deserialize` then and its answers `serde::Serialize`;
/// arguments that the trait does not know are dropped.
///
/// Option: `crate = "path"` is where to find `socketio_core` if it is not in the root under its own name.
#[proc_macro_attribute]
pub fn client_events(
    options: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    client_events::client_events(options.into(), item.into()).into()
}

/// Makes a guard of a function, or puts one before a connection or an event.
///
/// A guard decides whether a connection may open, or an event be handled, and gives handlers a value: a
/// function, `async` or not, that returns `Result<T, E>`, where `E` is a `Reject` or any error, or `Option<T>`,
/// where `None` refuses. It takes contexts by their type, as handlers do: `&Socket`, `&ConnectionInfo`,
/// `State<T>`, `Extension<T>`, `Auth<T>`, what is marked `#[ctx]`; and `&Event`, whose arguments are as they
/// came: such a one guards events only. The function stays one; beside it comes a type of its name, which
/// implements `Guard` (or `EventGuard`). Its value must be `Send + Sync + 'static`. `#[guard(crate = "path")]` names
/// the crate by another path than `::socketio_core`.
///
/// `#[guard(path)]` below `#[socket_connection]` runs one:
///
/// | on | before | its value lives | refused |
/// |---|---|---|---|
/// | the `impl` block | a connection opens, ahead of `#[on_open]` | as long as the connection | the client gets the connect error |
/// | a method | each of its events, ahead of the arguments' decoding | for the call | the acknowledgement is `{"error": message}`; `#[on_error]` gets `HandlerError::Refused`; without either nothing else follows |
///
/// A guard on a block is about that type alone, not about its `#[endpoints]` nor what its `#[on_endpoint]` chooses:
/// `Builder::guard` guards all endpoints. Of an error that is given by `?` the client is told `internal error`, and the log what it says.
///
/// Several run in order; the first that refuses ends it. A handler takes a guard's value as `user: Guarded<User>`,
/// found by its type; where no guard gives one, it does not compile.
///
/// ```text
/// #[guard]
/// async fn logged_in(Auth(login): Auth<Login>, State(db): State<Db>) -> Result<User, Reject> { … }
///
/// #[socket_connection]
/// #[guard(logged_in)]
/// impl Chat {
///     #[event]
///     #[guard(Role("moderator"))]
///     fn ban(&self, by: Guarded<User>, name: &str) { … }
/// }
/// ```
#[proc_macro_attribute]
pub fn guard(
    options: proc_macro::TokenStream,
    item: proc_macro::TokenStream,
) -> proc_macro::TokenStream {
    guard::guard(options.into(), item.into()).into()
}

/// The attributes that mean something only where `#[socket_connection]` reads them.
macro_rules! inner_attributes {
    ($($(#[$doc:meta])* $name:ident: $place:literal;)*) => {$(
        $(#[$doc])*
        #[proc_macro_attribute]
        pub fn $name(
            _options: proc_macro::TokenStream,
            item: proc_macro::TokenStream,
        ) -> proc_macro::TokenStream {
            let message = concat!("`#[", stringify!($name), "]` only works ", $place);
            fallback::beside(item.into(), &syn::Error::new(Span::call_site(), message)).into()
        }
    )*};
}

inner_attributes! {
    /// Makes a method the handler of an event, named after the method: `#[event]`, or as it says:
    /// `#[event("name")]`.
    ///
    /// Options behind the name: `args = "positional"` or `"keyword"` takes only that form of call;
    /// `extra_args = "refuse"` or `"ignore"` says what becomes of more arguments than parameters;
    /// `queue`, `queue = "name"` or `concurrent` says beside which other events it runs.
    event: "on a method inside `#[socket_connection] impl …` or `#[client_events] trait …`";
    /// Makes a function the one that opens a connection: it returns `Self`, `Option<Self>` or
    /// `Result<Self, E>`.
    on_open: "on a function inside `#[socket_connection] impl …`";
    /// Makes a function the one that chooses the connection type of endpoints that `#[endpoints]` does
    /// not name: it returns `Endpoint`, `Option<Endpoint>` or `Result<Endpoint, E>`.
    on_endpoint: "on a function inside `#[socket_connection] impl …`";
    /// Makes a method the handler of messages, what clients `send`; the same as
    /// `#[event("message")]`, but for a [`Message`](../socketio_core/enum.Message.html). It takes the
    /// options `queue`, `queue = "name"` and `concurrent`.
    on_message: "on a method inside `#[socket_connection] impl …`";
    /// Makes a method the handler of every event that no other names. It takes the options `queue`,
    /// `queue = "name"` and `concurrent`.
    on_event: "on a method inside `#[socket_connection] impl …`";
    /// Makes a method the one that runs when the connection has ended.
    on_close: "on a method inside `#[socket_connection] impl …`";
    /// Makes a method the one that decides what follows from a failure.
    on_error: "on a method inside `#[socket_connection] impl …`";
    /// Refuses what comes too often: `#[throttle(10, per = "1s")]` lets ten through at once and then one each
    /// 100 ms, of this event of this connection; on the `impl` block, of all events of the connection together.
    ///
    /// A time is a number and `ms`, `s`, `m` or `h`. It comes before guards and arguments. What is refused
    /// is acknowledged with `{"error": …, "data": {"retry_after": …}}`, in milliseconds, and is a
    /// `HandlerError::Throttled` for `#[on_error]`; without either nothing else follows. A throttle takes 8
    /// bytes of a connection, and starts full: also when its client has left and joined again, or come back. The
    /// builder's `event_guard` runs before it.
    throttle: "below `#[socket_connection]`, on the `impl` block and on methods in it";
    /// Serves more connection types on the same server:
    /// `#[endpoints("/path" => Type, "/room/{id}" => Room, "/files/{*rest}" => Files)]`.
    endpoints: "below `#[socket_connection]`, on the same `impl` block";
}
