//! What is not public, on any bytes: targets for fuzzing.
//!
//! Each function panics when something does not hold that must, whatever the bytes. The package `socketio-fuzz` makes
//! programs of them for libFuzzer; the tests here throw a bounded number of inputs at each. This
//! module is there with `--cfg fuzzing` alone.

use std::time::Instant;

use crate::{protocol, session, transport};

/// Scanner, strings and placeholders of JSON, beside serde_json.
pub fn json(input: &[u8]) {
    protocol::json::fuzz::run(input);
}

/// Frames of a WebSocket, cut in any way.
pub fn websocket(input: &[u8]) {
    transport::websocket::fuzz::run(input);
}

/// Two sessions, by steps on a virtual clock.
pub fn session(input: &[u8]) {
    session::fuzz::run(input, Instant::now());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_near_what_was_recorded_breaks_what_must_hold() {
        for (name, target, rounds) in [
            ("json", json as fn(&[u8]), 10_000),
            ("websocket", websocket, 8_000),
            ("session", session, 20_000),
        ] {
            socketio_fuzz::drive(target, &socketio_fuzz::seeds(name), rounds);
        }
    }

    #[test]
    fn most_recorded_sessions_deliver_events() {
        let seeds = socketio_fuzz::seeds("session");
        let now = Instant::now();
        // Of 0.9; of 2 and 4; of these in MessagePack.
        for whose in [0, 1, 2, 10, 11] {
            let of = seeds.iter().filter(|seed| seed.first() == Some(&whose));
            let delivered = of.filter(|seed| session::fuzz::run(seed, now) > 0).count();
            assert!(delivered > 5, "{delivered} sessions of {whose} deliver events");
        }
    }
}
