//! Connections that last until a given moment, as what let their clients in may: a token, a ticket.
//!
//! Handlers set, move and lift the deadline through the driver; when it is reached, the client is told with the
//! event [`EXPIRED_EVENT`] and put out, from one endpoint, or, at the root, from all. It ends with the
//! connection: a client that joins again is in until its new connection says otherwise.

use std::time::Instant;

use bytestring::ByteString;

use super::{CloseReason, Output, Session};
use crate::protocol::{Emission, EmissionBody};

/// What a client is sent before it is put out, for its disconnect packet says no reason in any generation.
const EXPIRED_EVENT: &str = "expired";
const EXPIRED_ARGS: &str = r#"[{"message":"the connection has expired"}]"#;

impl<A> Session<A> {
    /// Until when a connection lasts, in place of what was said before.
    pub(crate) fn expire_endpoint(&mut self, path: &ByteString, at: Option<Instant>) {
        if let Some(endpoint) = self.endpoints.get_mut(path)
            && endpoint.phase.is_joined()
        {
            endpoint.expires = at;
        }
    }

    /// Ends the connections whose time is up.
    pub(super) fn handle_expired(&mut self, now: Instant) {
        let overdue = |session: &Self| {
            let mut all = session.endpoints.iter();
            all.find(|endpoint| endpoint.expires.is_some_and(|at| at <= now))
                .map(|endpoint| endpoint.path.clone())
        };
        while let Some(path) = overdue(self) {
            if self.endpoints.is_open(&path) {
                let name = ByteString::from_static(EXPIRED_EVENT);
                let body = EmissionBody::Event { name, args: EXPIRED_ARGS.into() };
                self.emit(&Emission::new(path.clone(), body.clone()), false, None);
                self.outputs.push_back(Output::Said { endpoint: path.clone(), body });
            }
            self.end_endpoint(&path, CloseReason::Expired, now);
        }
    }
}
