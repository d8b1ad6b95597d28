//! Clients for tests of your own handlers, without a network: the feature `test`.
//!
//! A [`TestClient`] connects to a server that is built as usual. It goes the way of every client of Socket.IO
//! 4: the handshake with its headers, query and address, the session with its heartbeats, `#[on_open]`, guards,
//! queues and handlers; in place of a WebSocket there is a link in memory. What the server sends waits with the
//! client until the test expects it, in its order.
//!
//! ```test_harness
//! use socketio_core::{SocketIo, prelude::*, test::TestClient};
//!
//! #[derive(Default)]
//! struct Greeter;
//!
//! #[socket_connection]
//! impl Greeter {
//!     #[event]
//!     fn hello(&self, socket: &Socket, name: String) -> Result<String, EmitError> {
//!         socket.broadcast().emit("joined", &name)?;
//!         Ok(format!("Hello, {name}!"))
//!     }
//! }
//!
//! #[tokio::test(start_paused = true)]
//! async fn the_others_hear_who_comes() {
//!     let io = SocketIo::builder::<Greeter>().build();
//!     let ann = TestClient::connect(&io).await.unwrap();
//!     let joes = TestClient::connect(&io).query("lang", "en").await.unwrap();
//!
//!     assert_eq!(joes.call("hello", "Joes").await, Ok("Hello, Joes!".to_owned()));
//!     let joined: String = ann.expect("joined").await;
//!     assert_eq!(joined, "Joes");
//!     joes.expect_nothing().await;
//! }
//! ```
//!
//! # Time
//!
//! Let tokio's clock be paused: `#[tokio::test(start_paused = true)]`, for which tokio's feature `test-util`
//! belongs in your `dev-dependencies`. Then time passes only when nobody has anything else to do, and as fast as
//! it can: a handler that sleeps for an hour, a heartbeat that is due and an expectation that fails take no time,
//! and every run is the same. `tokio::time::sleep` lets time pass in a test. On a clock that runs the same tests
//! work, and wait; handlers that talk to something outside of the process need one.
//!
//! # Failures
//!
//! What does not come as it is expected panics, which fails the test, and the message says where it was
//! expected, and what came instead:
//!
//! ```text
//! tests/chat.rs:24:39: expected the event "left", but another event came
//!   came: "joined" ["Joes"]
//!   came: "people" [["Ann","Joes"]]
//! ```
//!
//! Users' tests call it; it may look at every floor below. Invariant: no task runs for a client.

#![expect(clippy::panic, reason = "a test fails by panicking")]

mod adapter_suite;
mod client;
mod connect;
mod failure;
mod inbox;
mod wire;

pub use adapter_suite::adapter_suite;
pub use client::TestClient;
pub use connect::{Connecting, Refused};
pub use failure::CallError;
pub use inbox::{Call, Lost};
pub use wire::Closed;
