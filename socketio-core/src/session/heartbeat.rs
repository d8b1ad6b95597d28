//! The heartbeat of a persistent transport: who is asked when, and when silence means death.
//!
//! ```text
//!            attach                 interval over: send 2::
//!   Off ────────────────▶ Resting ─────────────────────────▶ Asked ──timeout──▶ dead
//!                            ▲                                 │
//!                            └──────── anything received ──────┘
//! ```
//!
//! socket.io 0.9.19 lib/transport.js counts a `2::` alone as an answer; here every packet is a sign of
//! life, so a client that is busy sending is never taken for dead. While reading is paused for the
//! sake of a full queue the client cannot be heard, so silence does not count; it is asked on, for a
//! write to a client that is gone fails.

use std::time::{Duration, Instant};

use super::limits::deadline;

#[derive(Debug)]
enum State {
    Off,
    Resting {
        until: Instant,
    },
    /// `heard`: whether an answer could be heard; if not, `until` is when to ask again.
    Asked {
        until: Instant,
        heard: bool,
        /// Whether a packet that is no answer has given more time.
        extended: bool,
    },
}

/// What the clock asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Beat {
    Nothing,
    Send,
    Dead,
}

/// Whose turn it is, and what counts as an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Manner {
    /// The server asks; any packet is a sign of life (Socket.IO 0.7 to 0.9).
    AnyPacket,
    /// The server asks and wants a pong; the first other packet of a cycle gives as much time again
    /// (Engine.IO 4; engine.io 6.6.12 lib/socket.ts).
    Pong,
    /// The client asks; any packet is a sign of life (Engine.IO 3).
    ClientAsks,
}

#[derive(Debug)]
pub(super) struct Heartbeat {
    manner: Manner,
    interval: Duration,
    timeout: Duration,
    state: State,
}

impl Heartbeat {
    pub(super) fn new(manner: Manner, interval: Duration, timeout: Duration) -> Self {
        Self { manner, interval, timeout, state: State::Off }
    }

    /// Starts it, unless it runs.
    pub(super) fn start(&mut self, now: Instant) {
        if let State::Off = self.state {
            self.rest(now);
        }
    }

    fn rest(&mut self, now: Instant) {
        self.state = match self.manner {
            Manner::ClientAsks => {
                let until = deadline(deadline(now, self.interval), self.timeout);
                State::Asked { until, heard: true, extended: false }
            }
            _ => State::Resting { until: deadline(now, self.interval) },
        };
    }

    pub(super) fn stop(&mut self) {
        self.state = State::Off;
    }

    pub(super) fn handle_sign_of_life(&mut self, now: Instant) {
        if let State::Asked { .. } = self.state {
            self.rest(now);
        }
    }

    /// A packet came, perhaps the answer to a ping.
    pub(super) fn handle_packet(&mut self, is_pong: bool, now: Instant) {
        match &mut self.state {
            State::Asked { until, extended, .. } if self.manner == Manner::Pong && !is_pong => {
                if !std::mem::replace(extended, true) {
                    *until = deadline(now, self.timeout);
                }
            }
            _ => self.handle_sign_of_life(now),
        }
    }

    pub(super) fn handle_reading(&mut self, reading: bool, now: Instant) {
        if let State::Asked { .. } = self.state {
            self.ask(reading, now);
        }
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        match self.state {
            State::Off => None,
            State::Resting { until } | State::Asked { until, .. } => Some(until),
        }
    }

    pub(super) fn handle_timeout(&mut self, now: Instant, reading: bool) -> Beat {
        match self.state {
            State::Resting { until } | State::Asked { until, heard: false, .. } if until <= now => {
                self.ask(reading, now);
                if self.manner == Manner::ClientAsks { Beat::Nothing } else { Beat::Send }
            }
            State::Asked { until, heard: true, .. } if until <= now => {
                self.state = State::Off;
                Beat::Dead
            }
            _ => Beat::Nothing,
        }
    }

    fn ask(&mut self, reading: bool, now: Instant) {
        let wait = match (reading, self.manner) {
            (true, Manner::ClientAsks) => self.interval.saturating_add(self.timeout),
            (true, _) => self.timeout,
            (false, _) => self.interval,
        };
        self.state = State::Asked { until: deadline(now, wait), heard: reading, extended: false };
    }
}
