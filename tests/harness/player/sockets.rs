//! WebSockets under test.
//!
//! In: frames to send, and lists of frames to expect. `receive` reads exactly the frames it expects
//! and then proves that no other came: it sends a message that was never sent before and reads until
//! the application on the root endpoint has echoed it, twice, as an answer that a handler gives later
//! may fall behind the first echo. Where the stream must end, the end is the proof.

use std::{collections::BTreeMap, net::SocketAddr};

use super::{Names, broke, check_answer, pairs, unopened};
use crate::{
    expectation::{Dialect, Mismatch, same_packet, shown},
    script::{Answer, WsOpen, WsRecv, WsSend},
    websocket::{ACCEPT, CLOSE, TEXT, WebSocket},
};

/// How often the echo is asked for.
const ROUNDS: usize = 2;

/// WebSockets by name.
#[derive(Debug, Default)]
pub(super) struct Sockets {
    open: BTreeMap<String, WebSocket>,
    nonces: usize,
}

impl Sockets {
    pub(super) async fn open(
        &mut self,
        address: SocketAddr,
        dialect: &Dialect,
        names: &Names,
        step: &WsOpen,
    ) -> Result<(), Mismatch> {
        let expect = match &step.expect {
            Some(expect) => names.fill_answer(expect)?,
            None => {
                let mut expect = Answer::with_status(101);
                expect.headers = Some([("sec-websocket-accept".into(), ACCEPT.into())].into());
                expect
            }
        };
        let headers = names.fill_headers(&step.headers);
        let path = names.fill(&step.path);
        let socket = WebSocket::open(address, &path, &pairs(&headers), &step.version).await;
        let mut socket = socket.map_err(broke("a connection"))?;
        check_answer(&expect, socket.answer().await, dialect)?;
        self.open.insert(step.name.clone(), socket);
        Ok(())
    }

    pub(super) async fn send(&mut self, names: &Names, step: &WsSend) -> Result<(), Mismatch> {
        let payload = match (&step.repeat, step.opcode) {
            (Some((prefix, text, count)), _) => format!("{prefix}{}", text.repeat(*count)).into(),
            (None, Some(_)) => step.payload_hex.0.clone(),
            (None, None) => names.fill(&step.text).into_bytes(),
        };
        let opcode = step.opcode.unwrap_or(TEXT);
        let sent = self.get(&step.name)?.send_frame(step.fin, opcode, &payload).await;
        sent.map_err(broke("an open stream"))
    }

    pub(super) async fn send_bytes(&mut self, name: &str, bytes: &[u8]) -> Result<(), Mismatch> {
        self.get(name)?.send_bytes(bytes).await.map_err(broke("an open stream"))
    }

    pub(super) async fn receive(&mut self, names: &Names, step: &WsRecv) -> Result<(), Mismatch> {
        let alternatives: Vec<Vec<_>> = (step.expect.iter().chain(&step.expect_any_of))
            .map(|frames| frames.iter().map(|frame| names.fill(frame)).collect())
            .collect();
        let count = alternatives.first().map_or(0, Vec::len);
        if alternatives.is_empty() || alternatives.iter().any(|frames| frames.len() != count) {
            let alternatives = format!("{alternatives:?}");
            return Err(Mismatch::new("alternatives of one length in the step", alternatives));
        }
        let mut got = Vec::new();
        let read = if step.expect_closed {
            self.read_to_end(&step.name, count, &mut got).await
        } else {
            self.read(&step.name, count, &mut got).await
        };
        let expected = || {
            let end = if step.expect_closed { ", then the end" } else { "" };
            format!("{}{end}", shown(&alternatives))
        };
        read.map_err(|reason| Mismatch::new(expected(), format!("{got:?}, then {reason}")))?;
        if !alternatives.iter().any(|frames| same_frames(frames, &got, step.expect_closed)) {
            return Err(Mismatch::new(expected(), format!("{got:?}")));
        }
        match &step.expect_trailing_hex {
            Some(bytes) => self.receive_exactly(&step.name, &bytes.0, bytes.0.len()).await,
            None if step.expect_closed => Ok(()),
            None => self.prove_silence(&step.name).await,
        }
    }

    pub(super) async fn receive_bytes(
        &mut self,
        name: &str,
        prefix: &[u8],
        length: usize,
    ) -> Result<(), Mismatch> {
        self.receive_exactly(name, prefix, length).await?;
        self.prove_silence(name).await
    }

    fn get(&mut self, name: &str) -> Result<&mut WebSocket, Mismatch> {
        self.open.get_mut(name).ok_or_else(|| unopened(name))
    }

    /// Reads `count` frames, or says why there are fewer.
    async fn read(
        &mut self,
        name: &str,
        count: usize,
        got: &mut Vec<String>,
    ) -> Result<(), String> {
        let socket = self.get(name).map_err(|mismatch| mismatch.expected)?;
        while got.len() < count {
            match socket.receive().await.map_err(|error| error.to_string())? {
                Some(frame) => got.push(frame.to_string()),
                None => return Err("the end".to_owned()),
            }
        }
        Ok(())
    }

    /// Reads up to the end of the stream, or says why it was not reached after `count` frames and a
    /// close frame. A close frame is answered, as the server may wait for that.
    async fn read_to_end(
        &mut self,
        name: &str,
        count: usize,
        got: &mut Vec<String>,
    ) -> Result<(), String> {
        let socket = self.get(name).map_err(|mismatch| mismatch.expected)?;
        while let Some(frame) = socket.receive().await.map_err(|error| error.to_string())? {
            got.push(frame.to_string());
            if frame.opcode() == CLOSE {
                // The server may have hung up already: then it does not want to know.
                let _ = socket.send_frame(true, CLOSE, &frame.payload).await;
            } else if got.len() > count {
                return Err("whatever else would have come".to_owned());
            }
        }
        Ok(())
    }

    async fn receive_exactly(
        &mut self,
        name: &str,
        prefix: &[u8],
        length: usize,
    ) -> Result<(), Mismatch> {
        let bytes = self.get(name)?.receive_bytes(length).await;
        let bytes = bytes.map_err(broke(&format!("{length} bytes")))?;
        if bytes.starts_with(prefix) {
            return Ok(());
        }
        Err(Mismatch::new(prefix.escape_ascii().to_string(), bytes.escape_ascii().to_string()))
    }

    async fn prove_silence(&mut self, name: &str) -> Result<(), Mismatch> {
        for _ in 0..ROUNDS {
            self.nonces += 1;
            let nonce = format!("3:::nonce-{}", self.nonces);
            let socket = self.get(name)?;
            let expected = format!("nothing more, hence the echo of {nonce:?}");
            socket.send_text(&nonce).await.map_err(broke(&expected))?;
            match socket.receive().await.map_err(broke(&expected))? {
                Some(frame) if frame.text() == Some(&nonce) => {}
                Some(frame) => return Err(Mismatch::new(expected, format!("{frame}"))),
                None => return Err(Mismatch::new(expected, "the end")),
            }
        }
        Ok(())
    }
}

/// Whether the frames are those expected. Before the end of the stream a close frame is allowed.
fn same_frames(expected: &[String], got: &[String], ends: bool) -> bool {
    let same = |got: &[String]| {
        expected.len() == got.len() && expected.iter().zip(got).all(|(a, b)| same_packet(a, b))
    };
    match got.split_last() {
        Some((last, before)) if ends && last.starts_with("FRAME[88]") => same(got) || same(before),
        _ => same(got),
    }
}
