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
    },
}

/// What the clock asks for.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Beat {
    Nothing,
    Send,
    Dead,
}

#[derive(Debug)]
pub(super) struct Heartbeat {
    interval: Duration,
    timeout: Duration,
    state: State,
}

impl Heartbeat {
    pub(super) fn new(interval: Duration, timeout: Duration) -> Self {
        Self { interval, timeout, state: State::Off }
    }

    /// Starts it, unless it runs.
    pub(super) fn start(&mut self, now: Instant) {
        if let State::Off = self.state {
            self.rest(now);
        }
    }

    fn rest(&mut self, now: Instant) {
        self.state = State::Resting { until: deadline(now, self.interval) };
    }

    pub(super) fn stop(&mut self) {
        self.state = State::Off;
    }

    pub(super) fn handle_sign_of_life(&mut self, now: Instant) {
        if let State::Asked { .. } = self.state {
            self.rest(now);
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
            State::Resting { until } | State::Asked { until, heard: false } if until <= now => {
                self.ask(reading, now);
                Beat::Send
            }
            State::Asked { until, heard: true } if until <= now => {
                self.state = State::Off;
                Beat::Dead
            }
            _ => Beat::Nothing,
        }
    }

    fn ask(&mut self, reading: bool, now: Instant) {
        let wait = if reading { self.timeout } else { self.interval };
        self.state = State::Asked { until: deadline(now, wait), heard: reading };
    }
}
