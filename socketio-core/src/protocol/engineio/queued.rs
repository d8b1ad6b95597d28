//! A frame that waits to be sent, and may begin with a few bytes of its own.
//!
//! What an acknowledgement carries is written by a handler's return, its number before that by the session: with
//! a head beside it the text need be copied but once, into what goes to the kernel. The session makes it, links
//! take it. Invariant: bytes have no head.

use bytestring::ByteString;

use super::Frame;

/// The longest head, which fits a message's type, the root and any number; what is longer is copied.
const HEAD_BYTES: usize = 23;

/// A frame to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Queued {
    head: [u8; HEAD_BYTES],
    head_len: u8,
    frame: Frame,
}

impl From<Frame> for Queued {
    fn from(frame: Frame) -> Self {
        Self { head: [0; HEAD_BYTES], head_len: 0, frame }
    }
}

impl Queued {
    /// A text behind these.
    pub(crate) fn text(before: &[&str], text: ByteString) -> Self {
        let mut head = [0; HEAD_BYTES];
        let mut end = 0;
        for part in before {
            let Some(place) = head.get_mut(end..end + part.len()) else {
                return Frame::Text([&before.concat(), &*text].concat().into()).into();
            };
            place.copy_from_slice(part.as_bytes());
            end += part.len();
        }
        Self { head, head_len: u8::try_from(end).unwrap_or_default(), frame: Frame::Text(text) }
    }

    /// What comes before [`Self::frame`].
    pub(crate) fn head(&self) -> &[u8] {
        self.head.get(..usize::from(self.head_len)).unwrap_or_default()
    }

    /// The frame, without its head.
    pub(crate) fn frame(&self) -> &Frame {
        &self.frame
    }

    /// Bytes of the frame, with its head.
    pub(crate) fn len(&self) -> usize {
        usize::from(self.head_len) + self.frame.len()
    }

    /// The frame, whole.
    pub(crate) fn into_frame(self) -> Frame {
        match (self.head(), &self.frame) {
            ([], _) | (_, Frame::Binary(_)) => self.frame,
            (head, Frame::Text(text)) => {
                let head = std::str::from_utf8(head).unwrap_or_default();
                Frame::Text([head, text].concat().into())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_is_the_start_of_its_frame_however_long_it_is() {
        let long = "/a/long/endpoint,";
        for (before, head) in [
            (&["43", "7"][..], 3),
            (&["43", "", "7"], 3),
            (&["43", long, "18446744073709551615"], 0),
            (&[], 0),
        ] {
            let queued = Queued::text(before, "[1]".into());
            let whole = before.concat() + "[1]";
            assert_eq!((queued.head().len(), queued.len()), (head, whole.len()));
            assert_eq!(queued.into_frame(), Frame::Text(whole.into()));
        }
    }
}
