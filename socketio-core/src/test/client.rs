//! A test's client at one endpoint: what it does, and what is expected to come.
//!
//! Calls of a test go in; packets go out over the [wire](super::wire), and values or failures come back. Nothing
//! is taken from what came but by an expectation that gets it.

use std::collections::BTreeSet;
use std::fmt;
use std::future::Future;
use std::panic::Location;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytestring::ByteString;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::connect::{self, Connecting, Refused};
use super::failure::{CallError, Expected, fail};
use super::inbox::{Call, Lost, lock};
use super::wire::{Closed, End, Found};
use crate::driver::LinkClosed;
use crate::protocol::socketio::{Complete, Packet, PacketKind};
use crate::protocol::{Args, JsonText};
use crate::server::SocketIo;
use crate::socket::{EmitError, to_args};

/// A client in the same process, connected to one endpoint; the [module](mod@crate::test) shows one.
///
/// All methods take `&self`, so that several can be awaited together, and an expectation that is dropped has
/// taken nothing. A client that is dropped leaves as a page does that is closed:
/// [`CloseReason::TransportClosed`](crate::CloseReason::TransportClosed).
pub struct TestClient {
    pub(super) end: Arc<End>,
    pub(super) endpoint: ByteString,
    id: String,
    /// What it has to say to come back, where it can.
    pub(super) pid: Option<String>,
    /// The number of the last event, where it can come back.
    pub(super) offset: Mutex<Option<u64>>,
    next_call: AtomicU64,
    pub(super) ignored: Mutex<BTreeSet<String>>,
    pub(super) patience: Duration,
}

impl TestClient {
    pub(super) fn new(
        end: Arc<End>,
        endpoint: ByteString,
        id: String,
        pid: Option<String>,
        patience: Duration,
    ) -> Self {
        let (next_call, ignored) = (AtomicU64::new(0), Mutex::default());
        Self { end, endpoint, id, pid, offset: Mutex::default(), next_call, ignored, patience }
    }

    /// Connects to a server, when awaited.
    ///
    /// # Panics
    ///
    /// When awaited outside of a tokio runtime, and when the server neither lets it in nor refuses it within its
    /// [`patience`](Connecting::patience).
    #[track_caller]
    pub fn connect(io: &SocketIo) -> Connecting {
        Connecting::new(io, Location::caller())
    }

    /// Joins another endpoint over the same connection. `auth` is as in [`Connecting::auth`], or `()`.
    ///
    /// # Errors
    ///
    /// [`Refused`], if the server does not let it in.
    ///
    /// # Panics
    ///
    /// As [`TestClient::connect`].
    #[track_caller]
    pub fn join_endpoint(
        &self,
        endpoint: &str,
        auth: impl Serialize,
    ) -> impl Future<Output = Result<Self, Refused>> {
        let (endpoint, auth) = (connect::name_of(endpoint), connect::object(&auth));
        connect::join(Arc::clone(&self.end), endpoint, auth, self.patience, Location::caller())
    }

    /// The id of its connection, as [`Socket::id`](crate::Socket::id).
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Sends an event. A tuple is one argument per member, `()` none, anything else is the one argument;
    /// [`kwargs!`](crate::kwargs) makes a keyword call, [`Binary`](crate::Binary) an attachment. What clients
    /// `send` is the event `message`.
    ///
    /// # Panics
    ///
    /// When the connection has ended, or the arguments can't be written as JSON.
    #[track_caller]
    pub fn emit(&self, event: &str, args: impl Serialize) {
        self.send_event(event, to_args(&args), None, Location::caller());
    }

    /// Sends an event when awaited, and gives what the handler returns: one value as that, several as a tuple,
    /// none as `()`.
    ///
    /// # Errors
    ///
    /// [`CallError`], if the handler answered with an error, or could not be called.
    ///
    /// # Panics
    ///
    /// As [`TestClient::emit`]; when no answer comes, or one that is no `T`.
    #[track_caller]
    pub fn call<T: DeserializeOwned>(
        &self,
        event: &str,
        args: impl Serialize,
    ) -> impl Future<Output = Result<T, CallError>> {
        let (at, args) = (Location::caller(), to_args(&args));
        async move {
            let answer = self.answer(event, args, self.patience, at).await;
            if let Some(error) = CallError::of(&answer) {
                return Err(error);
            }
            let mistyped = |error| {
                fail(at, &Expected::Answer(event).mistyped::<T>(&answer, &error));
            };
            Ok(answer.decode().unwrap_or_else(mistyped))
        }
    }

    /// Sends an event, and waits for what it is acknowledged with.
    async fn answer(
        &self,
        event: &str,
        args: Result<JsonText, EmitError>,
        patience: Duration,
        at: &Location<'_>,
    ) -> Args {
        let id = ByteString::from(self.next_call.fetch_add(1, Ordering::Relaxed).to_string());
        self.send_event(event, args, Some(id.clone()), at);
        let is_answer = |packet: &Packet| {
            self.is_ours(packet)
                && match &packet.kind {
                    PacketKind::Ack { id: of, .. } => *of == id,
                    kind => *kind == PacketKind::Disconnect,
                }
        };
        match self.end.find(patience, is_answer).await {
            Found::Packet(Complete {
                packet: Packet { kind: PacketKind::Ack { args, .. }, .. },
                attachments,
            }) => Args::from_json(JsonText::new(args, attachments)),
            found => fail(at, &Expected::Answer(event).missed(found, patience, self.waiting())),
        }
    }

    /// Waits for the next event, which has to have this name, and gives its arguments: one as that value,
    /// several as a tuple, none as `()`. Nothing is skipped but what is [ignored](Self::ignore).
    ///
    /// # Panics
    ///
    /// When another event comes, or none within the client's [`patience`](Connecting::patience), or the end;
    /// when the arguments are no `T`, and when the server asks for an acknowledgement, for which there is
    /// [`expect_call`](Self::expect_call).
    #[track_caller]
    pub fn expect<T: DeserializeOwned>(&self, event: &str) -> impl Future<Output = T> {
        let at = Location::caller();
        async move {
            let (args, ack) = self.next(event, at).await;
            if ack.is_some() {
                fail(at, &format!("{event:?} asks for an acknowledgement: use `expect_call`"));
            }
            args
        }
    }

    /// Waits for the next event as [`expect`](Self::expect) does; the server awaits its acknowledgement
    /// ([`Socket::emit_with_ack`](crate::Socket::emit_with_ack)).
    ///
    /// ```
    /// # use socketio_core::{SocketIo, prelude::*, test::TestClient};
    /// # #[derive(Default)] struct Shop;
    /// #[socket_connection]
    /// impl Shop {
    ///     #[event]
    ///     async fn order(&self, socket: &Socket) -> Result<bool, AckError> {
    ///         socket.emit_with_ack("confirm", "sure?").await
    ///     }
    /// }
    ///
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() {
    /// # let io = SocketIo::builder::<Shop>().build();
    /// # let client = TestClient::connect(&io).await.unwrap();
    /// let (sure, ()) = tokio::join!(client.call("order", ()), async {
    ///     let question = client.expect_call::<String>("confirm").await;
    ///     assert_eq!(question.args, "sure?");
    ///     question.answer(true);
    /// });
    /// assert_eq!(sure, Ok(true));
    /// # }
    /// ```
    ///
    /// # Panics
    ///
    /// As [`expect`](Self::expect), and when the server does not ask for an acknowledgement.
    #[track_caller]
    pub fn expect_call<T: DeserializeOwned>(
        &self,
        event: &str,
    ) -> impl Future<Output = Call<'_, T>> {
        let at = Location::caller();
        async move {
            let (args, ack) = self.next(event, at).await;
            let Some(id) = ack else {
                fail(at, &format!("{event:?} asks for no acknowledgement: use `expect`"));
            };
            Call { client: self, id, args }
        }
    }

    /// Waits until all is quiet: no event of this name has come. What else has come waits on.
    ///
    /// Quiet are 100 ms of tokio's clock; where that is paused, that is when every task waits for time to pass
    /// or for a client. To let more time pass, `tokio::time::sleep` before.
    ///
    /// # Panics
    ///
    /// When one has come.
    #[track_caller]
    pub fn expect_none(&self, event: &str) -> impl Future<Output = ()> {
        self.expect_quiet(Expected::None(event), Location::caller())
    }

    /// The same for all events but those that are [ignored](Self::ignore).
    ///
    /// # Panics
    ///
    /// When one has come.
    #[track_caller]
    pub fn expect_nothing(&self) -> impl Future<Output = ()> {
        self.expect_quiet(Expected::Nothing, Location::caller())
    }

    /// Waits for the end of the connection, before which no event may come.
    ///
    /// # Panics
    ///
    /// When an event comes, or no end within the client's [`patience`](Connecting::patience).
    #[track_caller]
    pub fn expect_closed(&self) -> impl Future<Output = Closed> {
        let at = Location::caller();
        async move {
            match self.end.find(self.patience, |packet| self.is_event_or_end(packet)).await {
                Found::Closed(how) => how,
                found => fail(at, &Expected::End.missed(found, self.patience, self.waiting())),
            }
        }
    }

    /// From now on passes over the events of this name, those that have come included.
    pub fn ignore(&self, event: &str) {
        lock(&self.ignored).insert(event.to_owned());
    }

    /// Leaves the endpoint, and ends the connection if no other client of the test shares it:
    /// [`CloseReason::ClientDisconnect`](crate::CloseReason::ClientDisconnect).
    pub fn disconnect(self) {
        let packet = Packet { namespace: self.endpoint.clone(), kind: PacketKind::Disconnect };
        let _over = self.end.0.send(&packet, &[]);
    }

    /// Breaks the connection without a word, as a network does:
    /// [`CloseReason::TransportError`](crate::CloseReason::TransportError). What it gives lets a client
    /// [come back](Connecting::recover).
    pub fn drop_connection(self) -> Lost {
        self.end.0.leave(LinkClosed::Broken);
        // What came and nobody looked at has come all the same.
        let waiting = self.end.0.waiting(|packet| self.is_ours(packet));
        waiting.into_iter().for_each(|event| drop(self.read(event)));
        Lost { endpoint: self.endpoint.clone(), pid: self.pid.clone(), offset: *lock(&self.offset) }
    }
}

/// Typed callers call over a test's client, too: `ChatCaller::from(&client)`. What gets no answer fails the test.
#[cfg(feature = "client")]
impl crate::client::Calls for &TestClient {
    #[track_caller]
    fn emit_event(&self, event: &str, args: JsonText) -> Result<(), EmitError> {
        self.send_event(event, Ok(args), None, Location::caller());
        Ok(())
    }

    #[track_caller]
    fn call_event<'a>(
        &'a self,
        event: &'a str,
        args: JsonText,
        timeout: Option<Duration>,
    ) -> crate::client::Acknowledged<'a> {
        let (at, patience) = (Location::caller(), timeout.unwrap_or(self.patience));
        Box::pin(async move { Ok(self.answer(event, Ok(args), patience, at).await) })
    }
}

impl fmt::Debug for TestClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { id, endpoint, .. } = self;
        let mut debug = f.debug_struct("TestClient");
        debug.field("id", id).field("endpoint", endpoint).finish_non_exhaustive()
    }
}
