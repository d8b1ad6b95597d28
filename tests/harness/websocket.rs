//! A raw WebSocket client: it may break every rule, and it hides no frame.
//!
//! In: an upgrade request with any headers and version, frames with any first byte, bare bytes.
//! Out: the answer to the upgrade, then every frame as it came, control frames included, then the
//! end of the stream (FIN). Nothing is answered unasked: pongs and close frames are the caller's.
//! Frames of the server must be unmasked (RFC 6455, section 5.1); those of the client are masked
//! with a fixed key. Source: RFC 6455, sections 4.1 and 5.2.

use std::{fmt, io, net::SocketAddr};

use bytes::Bytes;

use crate::{
    connection::Connection,
    http::{Response, read_response, write_request},
};

/// The key of RFC 6455, section 1.3; the right answer is [`ACCEPT`].
pub const KEY: &str = "dGhlIHNhbXBsZSBub25jZQ==";

/// The `Sec-WebSocket-Accept` that belongs to [`KEY`].
pub const ACCEPT: &str = "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";

/// The FIN bit in the first byte of a frame.
const FIN: u8 = 0x80;
/// The mask bit in the second byte of a frame.
const MASKED: u8 = 0x80;
/// The opcode of a text frame.
pub const TEXT: u8 = 0x1;
/// The opcode of a whole or first frame of a message of bytes.
pub const BINARY: u8 = 0x2;
/// The opcode of a close frame.
pub const CLOSE: u8 = 0x8;

/// Any key will do for a test, so every frame has the same.
const MASKING_KEY: [u8; 4] = [0x01, 0x02, 0x03, 0x04];

/// The client's end of a WebSocket, opening or open.
#[derive(Debug)]
pub struct WebSocket {
    connection: Connection,
}

impl WebSocket {
    /// Connects and sends the upgrade request, with `version` as `Sec-WebSocket-Version`.
    ///
    /// # Errors
    /// Those of [`Connection`].
    pub async fn open(
        address: SocketAddr,
        path: &str,
        headers: &[(&str, &str)],
        version: &str,
    ) -> io::Result<Self> {
        let mut connection = Connection::open(address).await?;
        let upgrade = [
            ("Connection", "Upgrade"),
            ("Upgrade", "websocket"),
            ("Sec-WebSocket-Version", version),
            ("Sec-WebSocket-Key", KEY),
        ];
        let headers = [&upgrade, headers].concat();
        write_request(&mut connection, address, "GET", path, &headers, b"").await?;
        Ok(Self { connection })
    }

    /// Reads the answer to the upgrade request; frames that came with it are kept.
    ///
    /// # Errors
    /// As [`http::request`](crate::http::request).
    pub async fn answer(&mut self) -> io::Result<Response> {
        read_response(&mut self.connection, "GET").await
    }

    /// Sends a whole text message.
    ///
    /// # Errors
    /// Those of [`Connection::send`].
    pub async fn send_text(&mut self, text: &str) -> io::Result<()> {
        self.send_frame(true, TEXT, text.as_bytes()).await
    }

    /// Sends one masked frame.
    ///
    /// # Errors
    /// Those of [`Connection::send`].
    pub async fn send_frame(&mut self, fin: bool, opcode: u8, payload: &[u8]) -> io::Result<()> {
        self.connection.send(&masked_frame(fin, opcode, payload)).await
    }

    /// Sends bytes as they are: an unmasked frame, half a frame, no frame at all.
    ///
    /// # Errors
    /// Those of [`Connection::send`].
    pub async fn send_bytes(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.connection.send(bytes).await
    }

    /// Receives one frame; `None` is the end of the stream (FIN) between two frames.
    ///
    /// # Errors
    /// `UnexpectedEof` when the stream ends within a frame, `InvalidData` for a masked one, and
    /// those of [`Connection::fill`].
    pub async fn receive(&mut self) -> io::Result<Option<Frame>> {
        loop {
            if let Some((frame, length)) = parse(self.connection.received())? {
                self.connection.take(length);
                return Ok(Some(frame));
            }
            if !self.connection.fill().await? {
                let cut = !self.connection.received().is_empty();
                return if cut { Err(io::ErrorKind::UnexpectedEof.into()) } else { Ok(None) };
            }
        }
    }

    /// Ends our side without a close frame, and goes on receiving.
    ///
    /// # Errors
    /// Those of [`Connection::shut_down`].
    pub async fn hang_up(&mut self) -> io::Result<()> {
        self.connection.shut_down().await
    }

    /// Ends the connection without a close frame, and waits until the server has let go of it.
    ///
    /// # Errors
    /// Those of [`Connection::close`].
    pub async fn cut(self) -> io::Result<()> {
        self.connection.close().await
    }

    /// Ends the connection at once (RST).
    ///
    /// # Errors
    /// Those of [`Connection::reset`].
    pub fn reset(self) -> io::Result<()> {
        self.connection.reset()
    }

    /// Receives bytes as they are, whether they form frames or not.
    ///
    /// # Errors
    /// Those of [`Connection::read_exact`].
    pub async fn receive_bytes(&mut self, length: usize) -> io::Result<Bytes> {
        self.connection.read_exact(length).await
    }
}

/// One frame of the server. It displays as its text, or as `FRAME[first byte]payload` in hex.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// FIN, the reserved bits and the opcode.
    pub first_byte: u8,
    /// The payload.
    pub payload: Bytes,
}

impl Frame {
    /// What the frame is for, such as [`TEXT`].
    #[must_use]
    pub fn opcode(&self) -> u8 {
        self.first_byte & 0x0f
    }

    /// The text of a frame that is a whole text message.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        let whole = self.first_byte == FIN | TEXT;
        std::str::from_utf8(&self.payload).ok().filter(|_| whole)
    }
}

impl fmt::Display for Frame {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(text) = self.text() {
            return f.write_str(text);
        }
        write!(f, "FRAME[{:02x}]", self.first_byte)?;
        self.payload.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Writes a masked frame with the shortest length field (RFC 6455, section 5.2).
fn masked_frame(fin: bool, opcode: u8, payload: &[u8]) -> Vec<u8> {
    let mut frame = vec![if fin { FIN | opcode } else { opcode }];
    match (u8::try_from(payload.len()), u16::try_from(payload.len())) {
        (Ok(length @ ..=125), _) => frame.push(MASKED | length),
        (_, Ok(length)) => {
            frame.push(MASKED | 126);
            frame.extend(length.to_be_bytes());
        }
        _ => {
            frame.push(MASKED | 127);
            frame.extend((payload.len() as u64).to_be_bytes());
        }
    }
    frame.extend(MASKING_KEY);
    frame.extend(payload.iter().zip(MASKING_KEY.iter().cycle()).map(|(byte, key)| byte ^ key));
    frame
}

/// Finds the frame at the start of `bytes` and says how long it is; `None` asks for more bytes.
fn parse(bytes: &[u8]) -> io::Result<Option<(Frame, usize)>> {
    let Some(([first_byte, second_byte], rest)) = bytes.split_first_chunk() else {
        return Ok(None);
    };
    if second_byte & MASKED != 0 {
        return Err(io::Error::new(io::ErrorKind::InvalidData, "the server masked a frame"));
    }
    let payload = match second_byte {
        126 => rest.split_first_chunk().map(|(l, rest)| (u64::from(u16::from_be_bytes(*l)), rest)),
        127 => rest.split_first_chunk().map(|(l, rest)| (u64::from_be_bytes(*l), rest)),
        length => Some((u64::from(*length), rest)),
    };
    let payload = payload.and_then(|(length, rest)| rest.split_at_checked(length.try_into().ok()?));
    let Some((payload, rest)) = payload else { return Ok(None) };
    let frame = Frame { first_byte: *first_byte, payload: Bytes::copy_from_slice(payload) };
    Ok(Some((frame, bytes.len() - rest.len())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_client_frame_is_masked_and_has_the_shortest_length() {
        let table: &[(bool, u8, &[u8], &[u8])] = &[
            (true, TEXT, b"Hello", &[0x81, 0x85, 1, 2, 3, 4, 0x49, 0x67, 0x6f, 0x68, 0x6e]),
            (false, TEXT, b"", &[0x01, 0x80, 1, 2, 3, 4]),
            (true, 0xa, b"", &[0x8a, 0x80, 1, 2, 3, 4]),
            (true, TEXT, &[0; 126], &[0x81, 0xfe, 0, 126, 1, 2, 3, 4, 1, 2]),
            (true, TEXT, &[0; 65535], &[0x81, 0xfe, 0xff, 0xff, 1, 2, 3, 4, 1, 2]),
            (true, TEXT, &[0; 65536], &[0x81, 0xff, 0, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 4]),
        ];
        for (fin, opcode, payload, start) in table {
            let frame = masked_frame(*fin, *opcode, payload);
            assert_eq!(&frame[..start.len()], *start, "{} bytes", payload.len());
        }
    }

    #[test]
    fn a_server_frame_of_any_length_is_found_and_cut_ones_ask_for_more() {
        for (head, length) in [
            (&[0x81, 0][..], 0),
            (&[0x81, 125], 125),
            (&[0x81, 126, 0, 126], 126),
            (&[0x81, 126, 0, 5], 5),
            (&[0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0], 65536),
        ] {
            let bytes = [head, &vec![b'x'; length], b"next"].concat();
            let (frame, end) = parse(&bytes).unwrap().unwrap();
            assert_eq!((frame.payload.len(), end), (length, head.len() + length));
            for cut in 0..end {
                assert!(parse(&bytes[..cut]).unwrap().is_none(), "{length} cut at {cut}");
            }
        }
        assert!(parse(&[0x81, 0x82, 0]).is_err(), "a masked frame");
    }

    #[test]
    fn a_frame_displays_as_text_or_as_hex() {
        for (first_byte, payload, shown) in [
            (0x81, &b"3:::\xe2\x98\x83"[..], "3:::\u{2603}"),
            (0x81, b"\xff", "FRAME[81]ff"),
            (0x01, b"a", "FRAME[01]61"),
            (0x82, b"a", "FRAME[82]61"),
            (0x8a, b"hi", "FRAME[8a]6869"),
            (0x88, b"\x03\xe8", "FRAME[88]03e8"),
        ] {
            let frame = Frame { first_byte, payload: Bytes::from_static(payload) };
            assert_eq!(frame.to_string(), shown);
        }
    }
}
