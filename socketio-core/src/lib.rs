//! Real-time RPC over Socket.IO: annotate an `impl` block, have a server.
//!
//! ```no_run
//! use socketio_core::{SocketIo, prelude::*};
//!
//! #[derive(Default)]
//! struct Adder;
//!
//! #[socket_connection]
//! impl Adder {
//!     /// `socket.emit('add', 1, 2, sum => …)`
//!     #[event]
//!     fn add(&self, a: i64, b: i64) -> i64 { a + b }
//! }
//!
//! #[tokio::main]
//! async fn main() -> std::io::Result<()> {
//!     let io = SocketIo::builder::<Adder>().build();
//!     let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
//!     io.serve(listener, axum::Router::new()).await
//! }
//! ```
//!
//! | to | see |
//! |---|---|
//! | write a connection type | [`macro@socket_connection`] |
//! | talk to its client, to rooms, to everybody | [`Socket`], [`Emitter`], [`Server`] |
//! | have that checked by the compiler | [`macro@client_events`] |
//! | refuse clients and events, look at all packets | [`macro@guard`], [`macro@throttle`], [`Validate`], [`Hook`] |
//! | set up and run a server | [`Builder`], [`SocketIo`] |
//! | act on connections from outside, on one server or many | [`Emitter`], [`adapter`] |
//! | let clients come back whose connection broke | [`Builder::recovery`] |
//! | know why a connection ended or failed | [`CloseReason`], [`HandlerError`] |
//! | know how much there is to do | [`Server::stats`] |
//! | say what there is to say, as data or in TypeScript | [`contract`] |
//! | be a client | [`client`](client/index.html) |
//! | test handlers without a network | [`test`](test/index.html) |
//! | move over from TornadIO2, or from socket.io 0.9 | [`moving_over`] |
//! | see what the compiler says to each mistake | [`mistakes`] |
//!
//! | feature | adds |
//! |---|---|
//! | `asyncapi` | [the contract](contract) as an AsyncAPI document with JSON Schemas, and a page that shows it to people |
//! | `client` | the module [`client`](client/index.html), a client for Rust programs, and `#[socket_connection(caller = …)]` |
//! | `metrics` | what [`Stats`] tells, to the recorder of the crate [`metrics`](https://docs.rs/metrics) that is installed when the server is built |
//! | `typescript` | [`Connection::typescript`](contract::Connection): the contract for the official client's types |
//! | `test` | the module [`test`](test/index.html), a client in memory; for `dev-dependencies` |
//!
//! Its names are, with the label `protocol`, `socketio_sessions`, `socketio_sessions_opened_total`; and, with
//! the label `transport`, `socketio_connections`, `socketio_connections_opened_total`, `socketio_packets_sent_total`,
//! `socketio_packets_received_total`; and, with the label `reason`, `socketio_sessions_closed_total`,
//! `socketio_endpoints_closed_total`, `socketio_events_rejected_total` (`refused`, `throttled`),
//! `socketio_handshakes_rejected_total` (`sessions`, `address`, `rate`).
//!
//! # The log
//!
//! What happens is told to the crate [`tracing`](https://docs.rs/tracing). Handlers run in spans, so that the lines they
//! write themselves say for whom, also after they have waited and where several run beside each other:
//!
//! | span, in this order | target | fields |
//! |---|---|---|
//! | `session` | `socketio::session` | `socket`: the id of the client's first connection to the root; `protocol`: [its generation](Protocol::as_str) |
//! | `connection` | `socketio::connection` | `socket`: its id; `endpoint`, empty at the root |
//! | `call` | `socketio::call` | `event`; `ack`: whether the client asked for an acknowledgement |
//!
//! The ids of clients of Socket.IO 1 and 2 let others speak for them, so theirs are replaced by one that means nothing
//! else. All three are of the level debug: a subscriber keeps a span for as long as its connection lasts, and makes one
//! for every event, which a server at `info` should not pay for. `RUST_LOG=info,socketio=debug` pays for it.
//!
//! Beside them: at warn, a handler that failed (target `socketio::rejection`) and what else somebody should look at; at
//! debug, the life of sessions, clients that were refused, and the first event of each connection that a guard or a throttle
//! refused (`socketio::rejection`). Nothing that clients send is logged at debug or above, but for the names of events and
//! endpoints, cut to 200 characters, and what errors, refusals and panics of handlers and guards say.
//!
//! What Socket.IO 1.0 and later calls a namespace is called an *endpoint* here, as in TornadIO2.

// The macros write this name; the suite for adapters has a connection type of its own.
#[cfg(feature = "test")]
extern crate self as socketio_core;

pub mod adapter;
#[cfg(feature = "client")]
pub mod client;
mod connection;
pub mod contract;
mod driver;
mod endpoint;
#[cfg(any(test, fuzzing))]
#[doc(hidden)]
pub mod fuzz;
mod id;
pub mod protocol;
mod server;
mod session;
mod socket;
mod stats;
mod sync;
#[cfg(feature = "test")]
pub mod test;
mod transport;

#[doc = include_str!("../docs/moving_over.md")]
pub mod moving_over {}

#[cfg_attr(not(doctest), doc = include_str!("../docs/mistakes.md"))]
#[cfg_attr(doctest, doc = "Code that does not compile.")]
pub mod mistakes {}

#[doc(hidden)]
pub mod __private;
pub mod prelude;

pub use adapter::recovery::Recovery;
pub use axum::extract::{FromRef, State};
pub use connection::{
    ArgumentProblem, Auth, Context, EventContext, EventGuard, Extension, FromConnection, FromEvent,
    Guard, Guarded, HandlerError, Hook, Invalid, NoState, OnError, Order, Packet, ReceivedBy,
    Reject, Reply, SocketConnection, Validate,
};
pub use driver::{Protocol, Transport};
pub use endpoint::{Endpoint, EndpointTable, Endpoints};
pub use id::{ID_CHARS, InvalidId, SessionId, SocketId};
pub use protocol::args::Args;
pub use protocol::binary::{Binary, JsonText};
pub use protocol::event::{AckId, Event};
pub use server::{
    Builder, CLIENT_URL, Layered, SocketIo, SocketIoLayer, SocketIoService, StickyCookie,
    stop_signal,
};
pub use session::{CloseReason, NoAck, Parser};
pub use socket::{
    AckError, AckFuture, AckSender, Acks, AcksError, ClientEvents, ConnectionInfo, EmitError,
    Emitter, IntoRooms, Kwargs, Message, PendingAck, PendingAcks, Recipient, Server, Socket,
    Untyped,
};
/// ```
/// use socketio_core::prelude::*;
///
/// /// What the page understands.
/// #[client_events]
/// pub trait BoardClient {
///     /// `socket.on('drawn', (x, y) => …)`
///     fn drawn(x: u16, y: u16);
///     /// `socket.on('ready', answer => answer(true))`
///     async fn ready() -> bool;
/// }
///
/// #[derive(Default)]
/// struct Board;
///
/// #[socket_connection(client = BoardClient, strict)]
/// impl Board {
///     #[event]
///     fn draw(&self, socket: &Socket<dyn BoardClient>, x: u16, y: u16) -> Result<(), EmitError> {
///         socket.broadcast().client().drawn(x, y)
///     }
/// }
/// ```
pub use socketio_macros::client_events;
/// ```
/// use socketio_core::prelude::*;
///
/// struct Lobby { visits: u64 }
///
/// #[socket_connection]
/// impl Lobby {
///     #[on_open]
///     fn open(info: &ConnectionInfo) -> Result<Self, Reject> {
///         let visits = info.query("visits").ok_or(Reject::unauthorized("visits is missing"))?;
///         Ok(Self { visits: visits.parse()? })
///     }
///
///     /// `socket.emit('visit', 2, total => …)`, or `socket.emit('visit', {count: 2}, total => …)`
///     #[event]
///     async fn visit(&mut self, count: u64, #[default] quiet: bool) -> u64 {
///         self.visits += if quiet { 0 } else { count };
///         self.visits
///     }
/// }
/// ```
pub use socketio_macros::socket_connection;
pub use socketio_macros::{
    endpoints, event, guard, on_close, on_endpoint, on_error, on_event, on_message, on_open,
    throttle,
};
pub use stats::{Clients, Closed, Crowded, Rejected, Stats, Traffic};
pub use transport::Origins;

#[cfg(all(
    doctest,
    feature = "asyncapi",
    feature = "client",
    feature = "test",
    feature = "typescript"
))]
#[doc = include_str!("../../README.md")]
struct Readme;
