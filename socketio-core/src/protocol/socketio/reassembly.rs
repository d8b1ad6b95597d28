//! Puts a packet and the binary messages that follow it together.
//!
//! The messages of one client go in, in their order; packets come out with their attachments, when they are
//! complete. The session owns one per client. It holds at most one packet, and of its attachments no more
//! than the [`Rules`] allow. It has no clock: how long a packet may stay incomplete is the session's to say.
//!
//! ```text
//!           text, no attachments: out
//!            ┌────┐   text with attachments            ┌────┐ bytes, not the last
//!            ▼    │ ─────────────────────────────▶     ▼    │
//!           Complete ◀───────────────────────────── Incomplete
//!             │ bytes         the last bytes: out         │ text, or more bytes than allowed
//!             └──────────────▶ DecodeError ◀──────────────┘
//! ```
//!
//! Source: Socket.IO protocol v5, "Packet encoding"; socket.io-parser 4.2.7, `Decoder.add`.

use std::borrow::Cow;

use bytes::Bytes;
use bytestring::ByteString;

use super::decode::{decode_in_place, own};
use super::{DecodeError, Packet, Rules};

/// The decoder of one client's messages.
#[derive(Debug)]
pub struct Reassembler {
    rules: Rules,
    /// What has come of a packet whose attachments are outstanding, and how many bytes they may have.
    incomplete: Option<Box<(Complete, usize)>>,
}

/// A packet and everything that belongs to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Complete {
    /// The packet.
    pub packet: Packet,
    /// As many attachments as the packet counts, in the order of their numbers.
    pub attachments: Vec<Bytes>,
}

impl Reassembler {
    /// Nothing has come yet.
    pub const fn new(rules: Rules) -> Self {
        Self { rules, incomplete: None }
    }

    /// Whether attachments are outstanding.
    pub const fn is_incomplete(&self) -> bool {
        self.incomplete.is_some()
    }

    /// A message that is text came: a packet, given back if no attachments belong to it.
    ///
    /// # Errors
    ///
    /// When it is no packet, or attachments were outstanding; the incomplete packet is dropped then.
    pub fn handle_text(&mut self, text: &ByteString) -> Result<Option<Complete>, DecodeError> {
        let packet = self.handle_text_at(text, 0)?;
        let owned = |packet: Packet<Cow<'_, str>>| packet.map(|part| own(part, text));
        Ok(packet.map(owned).map(|packet| Complete { packet, attachments: Vec::new() }))
    }

    /// The same of a message that begins at byte `at` of a text; the packet lies in it.
    pub(crate) fn handle_text_at<'a>(
        &mut self,
        text: &'a ByteString,
        at: usize,
    ) -> Result<Option<Packet<Cow<'a, str>>>, DecodeError> {
        if let Some(incomplete) = self.incomplete.take() {
            return Err(DecodeError::UnexpectedText { missing: incomplete.0.missing() });
        }
        let packet = decode_in_place(text.get(at..).unwrap_or_default(), &self.rules)?;
        if packet.kind.attachments() == 0 {
            return Ok(Some(packet));
        }
        let packet = packet.map(|part| own(part, text));
        let complete = Complete { packet, attachments: Vec::new() };
        self.incomplete = Some(Box::new((complete, self.rules.max_attachment_bytes)));
        Ok(None)
    }

    /// A message that is bytes came: an attachment. Gives the packet back that it completes.
    ///
    /// # Errors
    ///
    /// When no attachment was outstanding, or there are more bytes than allowed; the incomplete packet is
    /// dropped then.
    pub fn handle_bytes(&mut self, bytes: Bytes) -> Result<Option<Complete>, DecodeError> {
        let (complete, left) =
            &mut **self.incomplete.as_mut().ok_or(DecodeError::UnexpectedBytes)?;
        let Some(less) = left.checked_sub(bytes.len()) else {
            self.incomplete = None;
            return Err(DecodeError::TooManyBytes { limit: self.rules.max_attachment_bytes });
        };
        *left = less;
        complete.attachments.push(bytes);
        if complete.missing() > 0 {
            return Ok(None);
        }
        Ok(self.incomplete.take().map(|complete| complete.0))
    }
}

impl Complete {
    fn missing(&self) -> usize {
        self.packet.kind.attachments().saturating_sub(self.attachments.len())
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Protocol, Rules};
    use super::*;

    enum Came {
        Text(&'static str),
        Bytes(&'static [u8]),
    }
    use Came::{Bytes as B, Text as T};

    /// Plays messages; gives each packet that came out, with its attachments, and what ended it.
    fn play(
        rules: Rules,
        messages: &[Came],
    ) -> (Vec<(ByteString, Vec<Bytes>)>, Option<DecodeError>) {
        let mut reassembler = Reassembler::new(rules);
        let mut complete = Vec::new();
        for message in messages {
            let came = match message {
                T(text) => reassembler.handle_text(&ByteString::from_static(text)),
                B(bytes) => reassembler.handle_bytes(Bytes::from_static(bytes)),
            };
            match came {
                Ok(Some(Complete { packet, attachments })) => {
                    assert!(!reassembler.is_incomplete());
                    assert_eq!(attachments.len(), packet.kind.attachments());
                    complete.push((packet.encode(), attachments));
                }
                Ok(None) => assert!(reassembler.is_incomplete()),
                Err(error) => {
                    assert!(!reassembler.is_incomplete());
                    return (complete, Some(error));
                }
            }
        }
        (complete, None)
    }

    const V5: Rules = Rules::new(Protocol::V5);

    #[test]
    fn a_packet_comes_out_with_the_attachments_that_follow_it() {
        let (complete, error) = play(
            V5,
            &[
                T("0"),
                T(r#"52-["bin",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#),
                B(&[1, 2, 3, 4]),
                B(&[0xFF, 0]),
                T(r#"61-0["z",{"_placeholder":true,"num":0}]"#),
                B(b"ack"),
                T(r#"51-["bin",{"_placeholder":true,"num":0}]"#),
                B(&[]),
                T("1"),
            ],
        );
        let attachments: Vec<_> =
            complete.iter().map(|(_, attachments)| &attachments[..]).collect();
        assert_eq!(
            attachments,
            [
                &[][..],
                &[Bytes::from_static(&[1, 2, 3, 4]), Bytes::from_static(&[0xFF, 0])],
                &[Bytes::from_static(b"ack")],
                &[Bytes::new()],
                &[],
            ]
        );
        assert_eq!(
            complete[1].0,
            r#"52-["bin",{"_placeholder":true,"num":0},{"_placeholder":true,"num":1}]"#
        );
        assert_eq!(error, None);
    }

    #[test]
    fn messages_out_of_turn_are_errors() {
        use DecodeError::{TooManyBytes, UnexpectedBytes, UnexpectedText};
        let small = Rules { max_attachment_bytes: 5, ..V5 };
        for (rules, messages, packets, error) in [
            (V5, &[B(&[1])][..], 0, UnexpectedBytes),
            (V5, &[T("0"), B(&[])], 1, UnexpectedBytes),
            (V5, &[T("51-[\"x\"]"), B(&[]), B(&[])], 1, UnexpectedBytes),
            (V5, &[T("52-[\"x\"]"), T("0")], 0, UnexpectedText { missing: 2 }),
            (V5, &[T("52-[\"x\"]"), B(&[]), T("")], 0, UnexpectedText { missing: 1 }),
            (V5, &[T("50-[\"x\"]")], 0, DecodeError::AttachmentCount { least: 1 }),
            (V5, &[T("511-[\"x\"]")], 0, DecodeError::TooManyAttachments { limit: 10 }),
            (small, &[T("53-[\"x\"]"), B(&[1, 2]), B(&[3, 4, 5, 6])], 0, TooManyBytes { limit: 5 }),
            (small, &[T("51-[\"x\"]"), B(&[0; 6])], 0, TooManyBytes { limit: 5 }),
        ] {
            let (complete, found) = play(rules, messages);
            assert_eq!((complete.len(), found), (packets, Some(error)));
        }
        let (complete, error) =
            play(small, &[T("52-[\"x\"]"), B(&[0; 5]), B(&[]), T("51-[\"x\"]"), B(&[0; 5])]);
        assert_eq!((complete.len(), error), (2, None));
    }

    #[test]
    fn a_packet_of_protocol_4_that_counts_none_is_complete() {
        let rules = Rules::new(Protocol::V4);
        let (complete, error) = play(rules, &[T("50-[\"x\"]"), T("2[\"y\"]")]);
        assert_eq!((complete.len(), error), (2, None));
    }
}
