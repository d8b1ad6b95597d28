//! A client at its endpoint, without a clock or a wire: what packets say to it, and how it says things.
//!
//! Frames go in, events and answers to calls come out; [`run`](super::run) owns one, for all connections that
//! follow each other. It knows the calls that wait, and what to say to get a connection back. Source: Socket.IO
//! protocol v5; socket.io-client 4.8 lib/socket.ts (`onpacket`, `emitEvent`, `_sendConnectPacket`).

use std::collections::BTreeMap;

use bytes::Bytes;
use bytestring::ByteString;
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::sync::oneshot;

use super::connecting::Settings;
use super::state::{ConnectError, Reason};
use crate::protocol::engineio::{Frame, MESSAGE};
use crate::protocol::socketio::{Complete, Packet, PacketKind, Protocol, Reassembler, Rules};
use crate::protocol::{AckId, Args, Event, JsonText};

/// What waits for an answer.
pub(super) type Waiter = oneshot::Sender<Args>;

/// An event that is to be sent.
pub(super) struct Emission {
    pub(super) frames: Vec<Frame>,
    /// Of the send buffer.
    pub(super) bytes: usize,
    pub(super) is_volatile: bool,
    pub(super) call: Option<(u64, Waiter)>,
}

/// What a message was.
pub(super) enum Came {
    Event(Event),
    Joined { id: String, recovered: bool },
    Nothing,
}

pub(super) struct Endpoint {
    name: ByteString,
    rules: Rules,
    reassembler: Reassembler,
    /// The calls that were sent.
    calls: BTreeMap<u64, Waiter>,
    max_calls: usize,
    has_joined: bool,
    /// What it has to say to get its connection back.
    pid: Option<String>,
    offset: Option<String>,
}

/// Attachments that a packet of the server's may have.
const MAX_ATTACHMENTS: usize = 1024;

impl Endpoint {
    pub(super) fn new(settings: &Settings) -> Self {
        let rules = Rules {
            max_attachments: MAX_ATTACHMENTS,
            max_attachment_bytes: settings.max_message_bytes,
            ..Rules::new(Protocol::V5)
        };
        Self {
            name: settings.address.endpoint.clone(),
            rules,
            reassembler: Reassembler::new(rules),
            calls: BTreeMap::new(),
            max_calls: settings.pending_acks,
            has_joined: false,
            pid: None,
            offset: None,
        }
    }

    pub(super) fn has_joined(&self) -> bool {
        self.has_joined
    }

    /// Whether answers are awaited.
    pub(super) fn awaits(&self) -> bool {
        !self.calls.is_empty()
    }

    /// Asks to be let in.
    pub(super) fn connect(&self, auth: &Map<String, Value>) -> Frame {
        let mut data = auth.clone();
        if let Some(pid) = &self.pid {
            data.insert("pid".to_owned(), pid.as_str().into());
            data.insert("offset".to_owned(), self.offset.as_deref().into());
        }
        let data = if data.is_empty() { String::new() } else { Value::Object(data).to_string() };
        self.frame(PacketKind::Connect { data: data.into() })
    }

    /// Leaves.
    pub(super) fn disconnect(&self) -> Frame {
        self.frame(PacketKind::Disconnect)
    }

    /// Answers an event.
    pub(super) fn acknowledge(&self, id: &AckId, args: JsonText) -> Vec<Frame> {
        let (text, attachments) = args.into_parts();
        let id = id.as_str().into();
        let kind = PacketKind::Ack { id, args: text, attachments: attachments.len() };
        frames(&Packet { namespace: self.name.clone(), kind }, attachments)
    }

    /// The frames of an emission that is sent now; [`None`] if nobody waits any longer for its answer, or too
    /// many wait for theirs.
    pub(super) fn send(&mut self, emission: Emission) -> Option<Vec<Frame>> {
        if let Some((id, waiter)) = emission.call {
            if self.calls.len() >= self.max_calls {
                self.calls.retain(|_, waiter| !waiter.is_closed());
            }
            if waiter.is_closed() || self.calls.len() >= self.max_calls {
                return None;
            }
            self.calls.insert(id, waiter);
        }
        Some(emission.frames)
    }

    /// A message came.
    pub(super) fn receive(&mut self, frame: Frame) -> Result<Came, Reason> {
        let complete = match frame {
            Frame::Text(text) => self.reassembler.handle_text(&text),
            Frame::Binary(bytes) => self.reassembler.handle_bytes(bytes),
        };
        let complete = complete.map_err(|error| Reason::Transport(error.to_string()))?;
        match complete {
            Some(complete) if complete.packet.namespace == self.name => self.act(complete),
            _ => Ok(Came::Nothing),
        }
    }

    fn act(&mut self, Complete { packet, attachments }: Complete) -> Result<Came, Reason> {
        match packet.kind {
            PacketKind::Connect { data } => self.join(&data),
            PacketKind::ConnectError { data } => Err(refused(&data).into()),
            PacketKind::Disconnect => Err(Reason::Server),
            PacketKind::Event { name, args, ack, .. } => {
                let text = format!("[{args}");
                if ack.is_none() && self.pid.is_some() {
                    self.remember(&text);
                }
                let args = Args::from_json(JsonText::new(text, attachments));
                let ack = ack.map(|id| AckId::new(&id));
                Ok(Came::Event(Event::new(name, args, ack)))
            }
            PacketKind::Ack { id, args, .. } => {
                let waiter = id.parse().ok().and_then(|id: u64| self.calls.remove(&id));
                if let Some(waiter) = waiter {
                    let args = Args::from_json(JsonText::new(args, attachments));
                    // Whoever asked may have given up.
                    let _given_up = waiter.send(args);
                }
                Ok(Came::Nothing)
            }
        }
    }

    fn join(&mut self, data: &str) -> Result<Came, Reason> {
        #[derive(Deserialize)]
        struct Joined {
            sid: String,
            pid: Option<String>,
        }
        let Ok(Joined { sid, pid }) = serde_json::from_str(data) else {
            let why = "the server speaks another revision of Socket.IO".to_owned();
            return Err(ConnectError::Unreachable(why).into());
        };
        self.has_joined = true;
        let recovered = pid.is_some() && pid == self.pid;
        if !recovered {
            self.offset = None;
        }
        self.pid = pid;
        Ok(Came::Joined { id: sid, recovered })
    }

    /// Remembers the offset that an event may carry behind its arguments, where it stays: as for official clients,
    /// nothing tells it from an argument, and a wrong one only means that nothing is recovered.
    fn remember(&mut self, args: &str) {
        let last = args.strip_suffix("\"]").and_then(|args| args.rsplit_once(['[', ',']));
        if let Some(offset) = last.and_then(|(_, last)| last.strip_prefix('"'))
            && !offset.contains(['"', '\\'])
        {
            self.offset = Some(offset.to_owned());
        }
    }

    /// The connection has ended: calls that were sent get no answer. Whether it had joined.
    pub(super) fn leave(&mut self) -> bool {
        self.reassembler = Reassembler::new(self.rules);
        self.calls.clear();
        std::mem::take(&mut self.has_joined)
    }

    fn frame(&self, kind: PacketKind) -> Frame {
        Frame::Text(Packet { namespace: self.name.clone(), kind }.encode_behind(MESSAGE))
    }
}

/// A packet as messages.
pub(super) fn frames(packet: &Packet, attachments: Vec<Bytes>) -> Vec<Frame> {
    let text = Frame::Text(packet.encode_behind(MESSAGE));
    std::iter::once(text).chain(attachments.into_iter().map(Frame::Binary)).collect()
}

fn refused(data: &str) -> ConnectError {
    #[derive(Deserialize)]
    struct Refusal {
        message: String,
        #[serde(default)]
        data: Value,
    }
    match serde_json::from_str(data) {
        Ok(Refusal { message, data }) => ConnectError::Refused { message, data },
        Err(_) => ConnectError::Refused { message: data.to_owned(), data: Value::Null },
    }
}
