//! What has come for a client and nobody took yet, and what it sends about that.
//!
//! The expectations of [`client`](super::client) call it. An event is looked at in its order, unless it is
//! ignored; where clients can come back, its offset is taken off and remembered, once. Source: socket.io-client
//! 4.8 lib/socket.ts (`emitEvent`).

use std::panic::Location;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use bytestring::ByteString;
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::client::TestClient;
use super::failure::{Expected, fail};
use super::wire::Found;
use crate::protocol::socketio::{Complete, Packet, PacketKind, split_offset};
use crate::protocol::{Args, JsonText};
use crate::socket::{EmitError, to_args};

/// How long everything has to be quiet before [`TestClient::expect_none`] believes it: 100 ms of tokio's clock,
/// on which, where it is paused, every task has its turn before any time passes.
const QUIET: Duration = Duration::from_millis(100);

impl TestClient {
    #[track_caller]
    pub(super) fn send(&self, kind: PacketKind, attachments: &[Bytes], at: &Location<'_>) {
        if !self.end.0.send(&Packet { namespace: self.endpoint.clone(), kind }, attachments) {
            fail(at, "nothing can be sent: the connection has ended");
        }
    }

    #[track_caller]
    pub(super) fn send_event(
        &self,
        event: &str,
        args: Result<JsonText, EmitError>,
        ack: Option<ByteString>,
        at: &Location<'_>,
    ) {
        let args = args.unwrap_or_else(|error| fail(at, &format!("{event:?}: {error:?}")));
        let text = args.text().slice_ref(args.as_str().strip_prefix('[').unwrap_or("]"));
        let attachments = args.attachments();
        let name = event.into();
        let kind = PacketKind::Event { name, args: text, ack, attachments: attachments.len() };
        self.send(kind, attachments, at);
    }

    /// The next event, if it is this one: its arguments, and the id of the acknowledgement that it asks for.
    pub(super) async fn next<T: DeserializeOwned>(
        &self,
        event: &str,
        at: &Location<'_>,
    ) -> (T, Option<ByteString>) {
        let expected = Expected::Event(event);
        match self.end.find(self.patience, |packet| self.is_event_or_end(packet)).await {
            Found::Packet(packet) if name_of(&packet) == event => {
                let (args, ack) = self.read(packet);
                let decoded = args.decode();
                let fault = |error| fail(at, &expected.mistyped::<T>(&args, &error));
                (decoded.unwrap_or_else(fault), ack)
            }
            found => fail(at, &expected.missed(found, self.patience, self.waiting())),
        }
    }

    pub(super) async fn expect_quiet(&self, expected: Expected<'_>, at: &Location<'_>) {
        tokio::time::sleep(QUIET).await;
        let came = self.waiting();
        if came.iter().any(|packet| expected.forbids(name_of(packet))) {
            fail(at, &expected.broken(came));
        }
    }

    pub(super) fn is_ours(&self, packet: &Packet) -> bool {
        packet.namespace == self.endpoint
    }

    /// What an expectation looks at: events of this endpoint that are not ignored, and its end.
    pub(super) fn is_event_or_end(&self, packet: &Packet) -> bool {
        self.is_ours(packet)
            && match &packet.kind {
                PacketKind::Event { name, .. } => !lock(&self.ignored).contains(&**name),
                kind => *kind == PacketKind::Disconnect,
            }
    }

    /// The events that came and that nobody took yet.
    pub(super) fn waiting(&self) -> Vec<Complete> {
        let mut waiting = self.end.0.waiting(|packet| self.is_event_or_end(packet));
        waiting.retain(|packet| packet.packet.kind != PacketKind::Disconnect);
        waiting
    }

    /// An event's arguments, less the offset that a client has to remember which can come back.
    pub(super) fn read(&self, event: Complete) -> (Args, Option<ByteString>) {
        let PacketKind::Event { args, ack, .. } = event.packet.kind else {
            return (Args::none(), None);
        };
        let mut text = format!("[{args}");
        let mut last = lock(&self.offset);
        if let Some((rest, offset)) = split_offset(&text)
            && self.pid.is_some()
            && ack.is_none()
            && last.is_none_or(|last| offset > last)
        {
            (text, *last) = (rest, Some(offset));
        }
        (Args::from_json(JsonText::new(text, event.attachments)), ack)
    }
}

/// An event whose acknowledgement the server awaits. Dropping it leaves the server waiting.
#[derive(Debug)]
pub struct Call<'a, T> {
    pub(super) client: &'a TestClient,
    pub(super) id: ByteString,
    /// The event's arguments.
    pub args: T,
}

impl<T> Call<'_, T> {
    /// Acknowledges: a tuple is one value per member, `()` none, anything else is the one value.
    ///
    /// # Panics
    ///
    /// As [`TestClient::emit`].
    #[track_caller]
    pub fn answer(self, values: impl Serialize) {
        let at = Location::caller();
        let args = to_args(&values).unwrap_or_else(|error| fail(at, &format!("{error:?}")));
        let (text, attachments) = (args.text().clone(), args.attachments());
        let kind = PacketKind::Ack { id: self.id, args: text, attachments: attachments.len() };
        self.client.send(kind, attachments, at);
    }
}

/// A connection that broke, for a client that wants it back: [`Connecting::recover`](super::Connecting::recover).
#[derive(Debug, Clone)]
pub struct Lost {
    pub(super) endpoint: ByteString,
    pub(super) pid: Option<String>,
    pub(super) offset: Option<u64>,
}

/// The name of an event; of what is none, nothing.
fn name_of(packet: &Complete) -> &str {
    match &packet.packet.kind {
        PacketKind::Event { name, .. } => name,
        _ => "",
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
