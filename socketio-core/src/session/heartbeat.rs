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
//! sake of a full queue the client cannot be heard, so silence does not count; it is asked on at every
//! interval, however often reading pauses, for a client since Engine.IO 4 gives up a server that does not
//! ask, and a write to a client that is gone fails.

use std::time::{Duration, Instant};

use super::limits::deadline;

#[derive(Debug)]
enum State {
    Off,
    Resting {
        until: Instant,
    },
    Asked {
        /// When silence means death; never while nothing can be heard.
        dead: Option<Instant>,
        /// An interval after the question: when the next is due if the answer can't be heard in time.
        again: Instant,
        /// Whether reading paused meanwhile, so that the answer may have come long before it is heard.
        paused: bool,
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
        if self.manner == Manner::ClientAsks {
            return self.wait(true, now);
        }
        let until = match self.state {
            State::Asked { again, paused: true, .. } => again,
            _ => deadline(now, self.interval),
        };
        self.state = State::Resting { until };
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
            State::Asked { dead, extended, .. } if self.manner == Manner::Pong && !is_pong => {
                if !std::mem::replace(extended, true) {
                    *dead = Some(deadline(now, self.timeout));
                }
            }
            _ => self.handle_sign_of_life(now),
        }
    }

    pub(super) fn handle_reading(&mut self, reading: bool, now: Instant) {
        let silence = self.silence();
        if let State::Asked { dead, paused, .. } = &mut self.state {
            *dead = reading.then(|| deadline(now, silence));
            *paused = true;
        }
    }

    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        match self.state {
            State::Off => None,
            State::Resting { until } => Some(until),
            State::Asked { dead: None, again, .. } if self.manner != Manner::ClientAsks => {
                Some(again)
            }
            State::Asked { dead, .. } => dead,
        }
    }

    pub(super) fn handle_timeout(&mut self, now: Instant, reading: bool) -> Beat {
        if self.poll_timeout().is_none_or(|due| due > now) {
            return Beat::Nothing;
        }
        if let State::Asked { dead: Some(_), .. } = self.state {
            self.state = State::Off;
            return Beat::Dead;
        }
        self.wait(reading, now);
        Beat::Send
    }

    /// Waits for a sign of life: asked for, or the client's own question.
    fn wait(&mut self, reading: bool, now: Instant) {
        self.state = State::Asked {
            dead: reading.then(|| deadline(now, self.silence())),
            again: deadline(now, self.interval),
            paused: !reading,
            extended: false,
        };
    }

    /// How long a client that can be heard may be silent.
    fn silence(&self) -> Duration {
        match self.manner {
            Manner::ClientAsks => self.interval.saturating_add(self.timeout),
            _ => self.timeout,
        }
    }
}
