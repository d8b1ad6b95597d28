//! What comes from the client: frames and bodies, by its generation.
//!
//! `legacy` and `modern` read packets and act on them; what both do with an endpoint that a client joins
//! is here.

mod incoming;
mod legacy;
mod modern;

pub(super) use incoming::Incoming;

use std::time::Instant;

use bytestring::ByteString;

use super::endpoints::Phase;
use super::{Join, Output, Session, State};
use crate::protocol::engineio::Frame;
use crate::protocol::socketio::Protocol;

impl<A> Session<A> {
    /// A frame of a persistent transport.
    pub(super) fn receive_frame(&mut self, frame: &Frame, now: Instant) {
        match frame {
            _ if !self.dialect.is_legacy() => self.receive_modern_frame(frame, now),
            Frame::Text(text) => self.receive_legacy(text, now),
            Frame::Binary(_) => {}
        }
    }

    /// The body of a POST; gives how many packets it had, if it can be read.
    pub(super) fn receive_body(&mut self, body: &Frame, now: Instant) -> Option<usize> {
        match body {
            _ if !self.dialect.is_legacy() => self.receive_modern_body(body, now),
            Frame::Text(text) => Some(self.receive_legacy_body(text, now)),
            Frame::Binary(_) => None,
        }
    }

    fn is_blacklisted(&self, name: &str) -> bool {
        self.limits.event_blacklist.iter().any(|no| name == no)
    }

    /// Asks those above to let the client in.
    pub(super) fn ask(&mut self, endpoint: ByteString, query: ByteString, auth: ByteString) {
        let id = self.dialect.computed_id(&endpoint);
        let can_return = self.dialect.protocol() == Some(Protocol::V5);
        self.outputs.push_back(Output::Connect(Join { endpoint, query, auth, id, can_return }));
    }

    /// Has the client let in, and then what it sent before.
    pub(super) fn open_endpoint(&mut self, path: &ByteString, query: ByteString, auth: ByteString) {
        let open = self.state == State::Open;
        let Some(endpoint) = self.endpoints.get_mut(path).filter(|_| open) else { return };
        endpoint.phase = Phase::Opening;
        let endpoint = endpoint.path.clone();
        self.ask(endpoint, query, auth);
        for packet in self.early.release(path) {
            self.deliver_legacy(packet);
        }
    }
}
