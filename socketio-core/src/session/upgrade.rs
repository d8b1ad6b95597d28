//! A WebSocket that is to take over from polling: it is probed while polls go on.
//!
//! ```text
//!             2probe: 3probe, polls are released          5
//!   Opened ────────────────────────────────────▶ Probed ─────▶ carries the session
//!      │ anything else, upgrade_timeout             │ anything else, upgrade_timeout
//!      └───────────────▶ given up ◀─────────────────┘        the session goes on polling
//! ```
//!
//! From the probe on, a poll that finds nothing to say is answered at once, so that the client, who waits
//! for its poll to end, loses no time; what is sent meanwhile goes to whichever comes first, a poll or the
//! end of the upgrade. Source: engine.io lib/socket.ts (`_maybeUpgrade`).

use std::time::Instant;

use super::Session;
use super::limits::deadline;
use super::transports::Attached;
use crate::protocol::engineio::Frame;

/// An upgrade that is under way.
#[derive(Debug)]
pub(super) struct Upgrade {
    until: Instant,
    probed: bool,
}

impl Upgrade {
    pub(super) fn deadline(&self) -> Instant {
        self.until
    }

    pub(super) fn is_overdue(&self, now: Instant) -> bool {
        self.until <= now
    }
}

/// What the owner does with a WebSocket that sent a frame while it is probed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Probe {
    /// Sends this back.
    Answer(Frame),
    /// Hands it over: it carries the session now.
    Done,
    /// Ends it; the session goes on.
    GiveUp,
}

impl<A> Session<A> {
    /// Whether a persistent transport takes over at once, without an upgrade.
    pub(crate) fn takes_links(&self) -> bool {
        self.dialect.outlives_transports() || self.attached == Attached::Nothing
    }

    /// A WebSocket comes for a session that polls; `false` if it can't have it.
    pub(crate) fn handle_upgrade(&mut self, now: Instant) -> bool {
        let free = self.upgrade.is_none() && self.is_polling() && self.closed().is_none();
        if free {
            let until = deadline(now, self.limits.upgrade_timeout);
            self.upgrade = Some(Upgrade { until, probed: false });
        }
        free
    }

    /// Whether an upgrade is under way; if not, a WebSocket that is probed is to be ended.
    pub(crate) fn is_upgrading(&self) -> bool {
        self.upgrade.is_some() && self.closed().is_none()
    }

    /// A frame of the WebSocket that is probed.
    pub(crate) fn handle_probe(&mut self, frame: &Frame, now: Instant) -> Probe {
        let Some(upgrade) = self.upgrade.as_mut() else { return Probe::GiveUp };
        match frame {
            Frame::Text(text) if text == "2probe" && !upgrade.probed => {
                upgrade.probed = true;
                Probe::Answer(Frame::Text("3probe".into()))
            }
            Frame::Text(text) if text == "5" => {
                self.handle_link(now);
                Probe::Done
            }
            _ => {
                self.upgrade = None;
                Probe::GiveUp
            }
        }
    }

    /// The WebSocket that is probed ended.
    pub(crate) fn handle_probe_lost(&mut self) {
        self.upgrade = None;
    }

    /// Whether a client that polls waits for its poll to end.
    pub(super) fn is_probed(&self) -> bool {
        self.upgrade.as_ref().is_some_and(|upgrade| upgrade.probed)
    }
}
