//! Bytes as steps of a session.
//!
//! Bytes go in, [`Step`]s come out until none is left; all bytes are some steps. The target takes them. `LINK` to
//! `ADMIT`, the first six, are what seeds are written with.

use std::time::Duration;

use bytes::Bytes;
use bytestring::ByteString;

use super::CloseReason;
use crate::protocol::engineio::Frame;
use crate::protocol::{Emission, EmissionBody, JsonText};

/// What is left of the input.
pub(super) struct Steps<'a>(pub(super) &'a [u8]);

/// One input of a session.
pub(super) enum Step {
    Link,
    Say(Frame),
    Poll,
    Body(Frame),
    Admit(u8),
    Wait(Duration),
    Emit(u8),
    Broadcast(u8),
    Acknowledge(ByteString, &'static str),
    CloseEndpoint(ByteString),
    Close(CloseReason),
    Stop,
    GoAway,
    Probe(Frame),
    ProbeLost,
    LinkLost,
    LinkClosed,
    PollLost,
    AnswerLost,
    Reading(bool),
    Stalled(bool),
    Room(usize),
    PostsWait(bool),
    Expire(ByteString, Option<Duration>),
    CarriesBytes(bool),
}

impl Steps<'_> {
    /// The next byte; 0 where there is none.
    pub(super) fn byte(&mut self) -> u8 {
        let Some((byte, rest)) = self.0.split_first() else { return 0 };
        self.0 = rest;
        *byte
    }

    /// The next step, and whether it is the second client's.
    pub(super) fn next(&mut self) -> Option<(bool, Step)> {
        let kind = (!self.0.is_empty()).then(|| self.byte())?;
        let step = match kind & 0x1f {
            0 => Step::Link,
            1 => Step::Say(Frame::Text(self.text())),
            2 => Step::Say(Frame::Binary(Bytes::copy_from_slice(self.said()))),
            3 => Step::Poll,
            4 => Step::Body(Frame::Text(self.text())),
            5 => Step::Admit(0),
            6 => Step::Body(Frame::Binary(Bytes::copy_from_slice(self.said()))),
            7 => Step::Admit(self.byte() % 3),
            8 => {
                let time = u64::from(self.byte());
                Step::Wait(Duration::from_millis(2 * time * time))
            }
            9 | 10 => Step::Emit(self.byte()),
            11 => Step::Broadcast(self.byte()),
            12 => Step::Acknowledge(endpoint(self.byte()), "1"),
            13 => Step::CloseEndpoint(endpoint(self.byte())),
            14 => Step::Close(match self.byte() % 4 {
                0 => CloseReason::ServerDisconnect,
                1 => CloseReason::ClientDisconnect,
                2 => CloseReason::ServerShutdown,
                _ => CloseReason::HandlerFailed,
            }),
            15 => Step::Probe(Frame::Text(match self.byte() % 3 {
                0 => "2probe".into(),
                1 => "5".into(),
                _ => "6".into(),
            })),
            16 => Step::ProbeLost,
            17 => Step::LinkLost,
            18 => Step::LinkClosed,
            19 => Step::PollLost,
            20 => Step::Reading(self.byte() & 1 != 0),
            21 => Step::Stalled(self.byte() & 1 != 0),
            22 => Step::Room(16 * usize::from(self.byte())),
            23 => Step::PostsWait(self.byte() & 1 != 0),
            24 => {
                let (endpoint, after) = (endpoint(self.byte()), self.byte());
                let after = (after > 0).then(|| Duration::from_secs(after.into()));
                Step::Expire(endpoint, after)
            }
            25 => Step::CarriesBytes(self.byte() & 1 != 0),
            26 => Step::AnswerLost,
            // Time passes, and the client goes on.
            27 => Step::Wait(Duration::from_secs(1)),
            28 => Step::Stop,
            29 => Step::GoAway,
            _ => Step::Poll,
        };
        Some((kind & 0x80 != 0, step))
    }

    /// What a client says: a length, and so many bytes of what is left.
    fn said(&mut self) -> &[u8] {
        let length = usize::from(self.byte());
        let (said, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        said
    }

    /// The same as text; what is none of it becomes U+FFFD.
    fn text(&mut self) -> ByteString {
        String::from_utf8_lossy(self.said()).into_owned().into()
    }
}

/// One that clients join, or one that nobody does.
fn endpoint(which: u8) -> ByteString {
    ByteString::from_static(match which & 3 {
        0 => "",
        1 => "/a",
        2 => "/b",
        _ => "/c",
    })
}

/// Something with a mark in it: an event, one with bytes, a text or JSON.
pub(super) fn emission(how: u8, mark: u32) -> Emission {
    let name = ByteString::from_static("e");
    let body = match how >> 2 & 3 {
        0 => EmissionBody::Event {
            name,
            args: JsonText::new(format!(r##"["#{mark}"]"##), Vec::new()),
        },
        1 => {
            let args = format!(r##"["#{mark}",{{"_placeholder":true,"num":0}}]"##);
            EmissionBody::Event {
                name,
                args: JsonText::new(args, vec![Bytes::from_static(b"\xff")]),
            }
        }
        2 => EmissionBody::Text(format!("#{mark}").into()),
        _ => EmissionBody::Json(JsonText::new(format!(r##""#{mark}""##), Vec::new())),
    };
    Emission::new(endpoint(how), body)
}

/// Whether an emission is volatile, and whether it asks for an acknowledgement.
pub(super) fn manner(how: u8) -> (bool, bool) {
    (how & 0x10 != 0, how & 0x20 != 0)
}
