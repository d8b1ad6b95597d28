//! A WebSocket that is to take over from polling: it is probed while polls go on.
//!
//! ```text
//!             2probe: 3probe, polls are released          5, once no post waits
//!   Opened ────────────────────────────────────▶ Probed ─────▶ carries the session
//!      │ anything else, upgrade_timeout             │ anything else, upgrade_timeout
//!      └───────────────▶ given up ◀─────────────────┘        the session goes on polling
//! ```
//!
//! From the probe on, a poll that finds nothing to say is answered at once, so that the client, who waits
//! for its poll to end, loses no time; what is sent meanwhile goes to whichever comes first, a poll or the
//! end of the upgrade. Clients wait for their posts to be answered, too, so while one waits for room the last
//! word is kept back and `upgrade_timeout` does not run. Source: engine.io lib/socket.ts (`_maybeUpgrade`).

use std::time::Instant;

use super::Session;
use super::limits::deadline;
use super::transports::Attached;
use crate::protocol::engineio::Frame;

/// An upgrade that is under way.
#[derive(Debug)]
pub(super) struct Upgrade {
    /// None while posts wait.
    until: Option<Instant>,
    probed: bool,
}

impl Upgrade {
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.until
    }

    pub(super) fn is_overdue(&self, now: Instant) -> bool {
        self.until.is_some_and(|until| until <= now)
    }
}

/// What the owner does with a WebSocket that sent a frame while it is probed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Probe {
    /// Sends this back.
    Answer(Frame),
    /// Keeps the frame, and what is behind it, until no post waits.
    Later,
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
            self.upgrade = Some(Upgrade { until: Some(until), probed: false });
        }
        free
    }

    /// Whether an upgrade is under way; if not, a WebSocket that is probed is to be ended.
    pub(crate) fn is_upgrading(&self) -> bool {
        self.upgrade.is_some() && self.closed().is_none()
    }

    /// Whether posts wait for room: those are handled before an upgrade ends.
    pub(crate) fn handle_waiting_posts(&mut self, waiting: bool, now: Instant) {
        let Some(upgrade) = &mut self.upgrade else { return };
        if waiting {
            upgrade.until = None;
        } else {
            upgrade.until.get_or_insert_with(|| deadline(now, self.limits.upgrade_timeout));
        }
    }

    /// A frame of the WebSocket that is probed.
    pub(crate) fn handle_probe(&mut self, frame: &Frame, now: Instant) -> Probe {
        let Some(upgrade) = self.upgrade.as_mut() else { return Probe::GiveUp };
        match frame {
            Frame::Text(text) if text == "2probe" && !upgrade.probed => {
                upgrade.probed = true;
                Probe::Answer(Frame::Text("3probe".into()))
            }
            Frame::Text(text) if text == "5" && upgrade.until.is_none() => Probe::Later,
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
    pub(crate) fn is_probed(&self) -> bool {
        self.upgrade.as_ref().is_some_and(|upgrade| upgrade.probed)
    }
}
