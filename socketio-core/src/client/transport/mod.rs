//! What carries frames between a client and its server: polling or a WebSocket.
//!
//! Frames go in, packets come out; [`engine`](super::engine) owns one. All functions are polls, so that nothing
//! is lost where a wait for one of several things ends. Source: Engine.IO protocol v4, "Transports".

mod polling;
pub(super) use polling::Polling;

mod websocket;
pub(super) use websocket::WebSocket;

use std::collections::VecDeque;
use std::task::{Context, Poll};

use serde::Deserialize;

use super::connecting::Settings;
use crate::protocol::engineio::{Frame, Packet};

/// Why a transport ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Broken(pub(super) String);

impl<E: std::error::Error> From<E> for Broken {
    /// With the causes behind it, which hyper's errors keep to themselves.
    fn from(error: E) -> Self {
        let mut text = error.to_string();
        let mut source = error.source();
        while let Some(error) = source {
            text = format!("{text}: {error}");
            source = error.source();
        }
        Self(text)
    }
}

/// What the server says about the session that it opened.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Open {
    pub(super) sid: String,
    pub(super) upgrades: Vec<String>,
    /// Milliseconds.
    pub(super) ping_interval: u64,
    /// Milliseconds.
    pub(super) ping_timeout: u64,
    /// The most bytes of a body that the server takes; servers before 4.1 don't say it.
    pub(super) max_payload: Option<usize>,
}

impl Open {
    /// Reads it from the packet that has to come first.
    fn read(packet: &Packet) -> Result<Self, Broken> {
        match packet {
            Packet::Open(json) => Ok(serde_json::from_str(json)?),
            other => {
                Err(Broken(format!("expected the packet that opens a session, got {other:?}")))
            }
        }
    }
}

/// A frame, and how many bytes of the send buffer are free when it is on its way.
#[derive(Debug)]
pub(super) struct Outgoing {
    pub(super) frame: Frame,
    pub(super) buffered: usize,
}

/// A transport that is open.
pub(super) enum Transport {
    Polling(Box<Polling>),
    WebSocket(Box<WebSocket>),
}

impl Transport {
    /// The next packet.
    pub(super) fn poll_packet(&mut self, cx: &mut Context<'_>) -> Poll<Result<Packet, Broken>> {
        match self {
            Self::Polling(polling) => polling.poll_packet(cx),
            Self::WebSocket(socket) => socket.poll_packet(cx),
        }
    }

    /// Takes frames as far as it can, and is ready when all of them are on their way. `sent` is told what was
    /// taken.
    pub(super) fn poll_send(
        &mut self,
        out: &mut VecDeque<Outgoing>,
        sent: &mut dyn FnMut(usize),
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Broken>> {
        match self {
            Self::Polling(polling) => polling.poll_send(out, sent, cx),
            Self::WebSocket(socket) => socket.poll_send(out, sent, cx),
        }
    }
}

/// The path and the query of a request: those of the settings, what the protocol asks for, and the session.
fn target(settings: &Settings, transport: &str, sid: Option<&str>) -> String {
    let mut target = format!("{}?EIO=4&transport={transport}", settings.path);
    for (key, value) in [("&sid=", sid.unwrap_or_default()), ("&", &*settings.query)] {
        if !value.is_empty() {
            target.push_str(key);
            target.push_str(value);
        }
    }
    target
}
