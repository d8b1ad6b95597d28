//! The session, shown by scripts on a virtual clock.
//!
//! A [`Script`] plays the owner of one session: each step is one input, followed by all that it
//! causes, as data. What a step causes and does not name fails the next step, so that silence is a
//! claim too. Nothing waits: the clock is a number that [`Script::wait`] moves, from one deadline to
//! the next.
//!
//! ```text
//! script.frame("3:1::hi").sends(&["6:::1"]).tells(&["event / message text hi"]).due(12);
//! ```

mod acks;
mod close;
mod early;
mod emissions;
mod endpoints;
mod expiry;
mod heartbeat;
mod late;
mod limits;
mod memory;
mod modern_connect;
mod modern_heartbeat;
mod modern_messages;
mod modern_polling;
mod modern_upgrade;
mod modern_walk;
mod packets;
mod polling;
mod returns;
mod transports;
mod walk;
mod websocket_check;

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytestring::ByteString;

use super::{
    AHEAD_BYTES, Admission, CloseReason, Dialect, Join, Limits, Misuse, Output, Parser, Probe,
    Refusal, Room, Session,
};
use crate::id::SocketId;
use crate::protocol::engineio::{Frame, v3, v4};
use crate::protocol::legacy::payload;
use crate::protocol::socketio::Protocol;
use crate::protocol::{AckId, Args, Emission, EmissionBody, JsonText, Notation};

/// The client may not join.
const REFUSE: Admission = Admission::Refuse(Refusal {
    unauthorized: true,
    message: ByteString::from_static("no"),
    data: ByteString::new(),
});

/// The client is in, under the id [`ID`].
fn accept() -> Admission {
    Admission::Accept(SocketId::computed(ID.parse().unwrap(), ""), None)
}

/// A POST whose body there is room for.
fn post<A>(session: &mut Session<A>, body: &Frame, now: Instant) -> Result<bool, Misuse> {
    session.handle_post(now)?;
    session.handle_body(&mut session.body(body), Room::of(usize::MAX), now)
}

const ID: &str = "AAAAAAAAAAAAAAAAAAAAAA";
const HEARTBEAT_INTERVAL: u64 = 12;
const HEARTBEAT_TIMEOUT: u64 = 60;
const CLOSE_TIMEOUT: u64 = 60;
const POLLING_TIMEOUT: u64 = 20;
const SESSION_EXPIRY: u64 = 30;
const ACK_TIMEOUT: u64 = 10;
const PING_INTERVAL: u64 = 25;
const PING_TIMEOUT: u64 = 20;
const CONNECT_TIMEOUT: u64 = 45;
const UPGRADE_TIMEOUT: u64 = 10;

/// One session and its owner: it delivers and transmits after every input, as the driver does.
struct Script {
    session: Session<u32>,
    /// Of the client's packets; none if it is a legacy one.
    protocol: Option<Protocol>,
    now: Instant,
    sent: Vec<ByteString>,
    told: Vec<String>,
}

impl Script {
    /// A client that has just been given its id; one that polls gets no heartbeats.
    fn new() -> Self {
        Self::with(Limits { global_heartbeats: false, ..Limits::default() })
    }

    fn with(limits: Limits) -> Self {
        let now = Instant::now();
        let mut session = Session::new(Arc::new(limits), Dialect::Legacy, now);
        // The root: its admission answers the handshake.
        session.poll_output();
        Self { session, protocol: None, now, sent: Vec::new(), told: Vec::new() }
    }

    /// A client since Socket.IO 1.0 that asks for a session.
    fn modern(protocol: Protocol, limits: Limits) -> Self {
        let now = Instant::now();
        let dialect = Dialect::modern(protocol, Parser::Json, "{}".into(), None);
        let session = Session::new(Arc::new(limits), dialect, now);
        let protocol = Some(protocol);
        let mut script = Self { session, protocol, now, sent: Vec::new(), told: Vec::new() };
        script.turn();
        if protocol == Some(Protocol::V4) {
            script.tells(&["connect / "]);
        }
        script
    }

    /// One on a WebSocket, let into the root.
    fn modern_websocket(protocol: Protocol) -> Self {
        let mut script = Self::modern(protocol, Limits::default());
        script.link().sends(&["0{}"]).join_root();
        script
    }

    /// One that polls, let into the root, between two polls.
    fn modern_polling(protocol: Protocol) -> Self {
        let mut script = Self::modern(protocol, Limits::default());
        script.poll().sends(&["0{}"]).poll().join_root();
        script
    }

    #[track_caller]
    fn join_root(&mut self) -> &mut Self {
        if self.protocol == Some(Protocol::V4) {
            return self.admit("", accept()).sends(&["40"]);
        }
        self.input(|session, now| session.receive_frame(frame_of("40"), now));
        self.tells(&["connect / {}"]).admit("", accept());
        self.sends(&[&format!(r#"40{{"sid":"{ID}"}}"#)])
    }

    /// A WebSocket comes to take over from polling.
    #[track_caller]
    fn candidate(&mut self) -> &mut Self {
        let mut taken = false;
        self.input(|session, now| taken = !session.takes_links() && session.handle_upgrade(now));
        self.told.push(if taken { "upgrading" } else { "refused" }.to_owned());
        self
    }

    /// A frame of the WebSocket that is to take over.
    #[track_caller]
    fn probe(&mut self, text: &str) -> &mut Self {
        let mut came = None;
        self.input(|session, now| came = Some(session.handle_probe(&frame_of(text), now)));
        self.told.push(match came.unwrap() {
            Probe::Answer(frame) => format!("probe {}", text_of(frame)),
            Probe::Done => "upgraded".to_owned(),
            Probe::Later => "later".to_owned(),
            Probe::GiveUp => "given up".to_owned(),
        });
        self
    }

    /// What the session did not take in; legacy ones do not distinguish.
    fn refused(&mut self, taken: Result<impl Sized, Misuse>) {
        if let (Err(misuse), Some(_)) = (taken, self.protocol) {
            self.told.push(format!("refused {misuse:?}"));
        }
    }

    /// A client on a WebSocket.
    fn websocket() -> Self {
        let mut script = Self::new();
        script.link().sends(&["1::"]);
        script
    }

    /// A client that polls, between two polls.
    fn polling() -> Self {
        let mut script = Self::new();
        script.poll().sends(&["1::"]);
        script
    }

    /// Any input; those below are this one.
    #[track_caller]
    fn input<T>(&mut self, input: impl FnOnce(&mut Session<u32>, Instant) -> T) -> &mut Self {
        self.settled();
        let _ = input(&mut self.session, self.now);
        self.turn()
    }

    #[track_caller]
    fn link(&mut self) -> &mut Self {
        self.input(Session::handle_link)
    }

    #[track_caller]
    fn link_closed(&mut self, reason: CloseReason) -> &mut Self {
        self.input(|session, _| session.handle_link_closed(reason))
    }

    #[track_caller]
    fn link_lost(&mut self) -> &mut Self {
        self.input(Session::handle_link_lost)
    }

    #[track_caller]
    fn poll(&mut self) -> &mut Self {
        let mut taken = Ok(());
        self.input(|session, now| taken = session.handle_poll(now));
        self.refused(taken);
        self
    }

    #[track_caller]
    fn poll_lost(&mut self) -> &mut Self {
        self.input(Session::handle_poll_lost)
    }

    #[track_caller]
    fn post(&mut self, packets: &[&str]) -> &mut Self {
        let body = self.body_of(packets);
        let mut taken = Ok(true);
        self.input(|session, now| taken = post(session, &body, now));
        self.refused(taken);
        self
    }

    /// Packets as the client puts them into one body.
    fn body_of(&self, packets: &[&str]) -> Frame {
        let texts: Vec<ByteString> = packets.iter().map(|&packet| packet.into()).collect();
        let frames: Vec<Frame> = texts.iter().cloned().map(Frame::Text).collect();
        match self.protocol {
            None => Frame::Text(payload::encode(&texts)),
            Some(Protocol::V4) => v3::payload::encode(&frames, false),
            Some(Protocol::V5) => Frame::Text(v4::payload::encode(&frames)),
        }
    }

    #[track_caller]
    fn frame(&mut self, text: &str) -> &mut Self {
        self.input(|session, now| session.handle_frame(frame_of(text), now))
    }

    #[track_caller]
    fn reading(&mut self, reading: bool) -> &mut Self {
        self.input(|session, now| session.handle_reading(reading, now))
    }

    #[track_caller]
    fn emit(&mut self, emission: &Emission) -> &mut Self {
        self.input(|session, _| session.emit(emission, false, None))
    }

    #[track_caller]
    fn emit_volatile(&mut self, emission: &Emission) -> &mut Self {
        self.input(|session, _| session.emit(emission, true, None))
    }

    /// Emits, and waits for the acknowledgement as `waiter`.
    #[track_caller]
    fn ask(&mut self, waiter: u32, emission: &Emission) -> &mut Self {
        let deadline = self.now + Duration::from_secs(ACK_TIMEOUT);
        self.input(|session, _| session.emit(emission, false, Some((waiter, deadline))))
    }

    #[track_caller]
    fn acknowledge(&mut self, path: &'static str, id: &'static str, args: &str) -> &mut Self {
        let id = AckId::new(id);
        self.input(|session, _| session.acknowledge(&path.into(), &id, args.into()))
    }

    #[track_caller]
    fn admit(&mut self, path: &str, admission: Admission) -> &mut Self {
        self.input(|session, _| session.admit(&path.into(), admission))
    }

    /// The client joins an endpoint and is let in.
    #[track_caller]
    fn join(&mut self, path: &str) -> &mut Self {
        self.frame(&format!("1::{path}")).tells(&[&format!("connect {path} ")]);
        self.admit(path, accept()).sends(&[&format!("1::{path}")])
    }

    #[track_caller]
    fn close_endpoint(&mut self, path: &str) -> &mut Self {
        self.input(|session, now| session.close_endpoint(&path.into(), now))
    }

    #[track_caller]
    fn close(&mut self, reason: CloseReason) -> &mut Self {
        self.input(|session, now| session.close(reason, now))
    }

    /// Moves the clock, stopping at each deadline on the way.
    #[track_caller]
    fn wait(&mut self, seconds: u64) -> &mut Self {
        self.settled();
        let until = self.now + Duration::from_secs(seconds);
        while let Some(due) = self.session.poll_timeout().filter(|&due| due <= until) {
            self.now = self.now.max(due);
            self.session.handle_timeout(self.now);
            assert!(
                self.session.poll_timeout().is_none_or(|next| next > self.now),
                "the timer sticks"
            );
            self.turn();
        }
        self.now = until;
        self
    }

    /// All that went to the client since the last input.
    #[track_caller]
    fn sends(&mut self, packets: &[&str]) -> &mut Self {
        assert_eq!(std::mem::take(&mut self.sent), packets, "sent, expected");
        self
    }

    /// All that those above were told since the last input.
    #[track_caller]
    fn tells(&mut self, outputs: &[&str]) -> &mut Self {
        assert_eq!(std::mem::take(&mut self.told), outputs, "told, expected");
        self
    }

    /// The next deadline, in seconds from now.
    #[track_caller]
    fn due(&mut self, seconds: impl Into<Option<u64>>) -> &mut Self {
        let due = self.session.poll_timeout().map(|due| due.duration_since(self.now));
        assert_eq!(due, seconds.into().map(Duration::from_secs), "due, expected");
        self
    }

    /// Why the session is over, if it is.
    #[track_caller]
    fn closed(&mut self, reason: impl Into<Option<CloseReason>>) -> &mut Self {
        assert_eq!(self.session.closed(), reason.into(), "closed, expected");
        self
    }

    fn turn(&mut self) -> &mut Self {
        while let Some(output) = self.session.poll_output() {
            self.told.push(in_words(&output));
        }
        while let Some(frame) = self.session.poll_frame() {
            let frame = frame.into_frame();
            self.sent.push(text_of(frame));
        }
        self.sent.extend(self.session.poll_answer(self.now).into_iter().flatten().map(text_of));
        self
    }

    #[track_caller]
    fn settled(&mut self) {
        self.sends(&[]).tells(&[]);
    }
}

impl Drop for Script {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.settled();
        }
    }
}

fn in_words(output: &Output<u32>) -> String {
    match output {
        Output::Connect(Join { endpoint, query, auth, .. }) => {
            format!("connect {} {query}{auth}", name(endpoint))
        }
        Output::Event { endpoint, event } => {
            let ack = event.ack().map_or(String::new(), |id| format!(" ack {}", id.as_str()));
            format!("event {} {} {}{ack}", name(endpoint), event.name(), args(event.args()))
        }
        Output::Acknowledged { waiter, result: Ok(result), .. } => {
            format!("acknowledged {waiter} {}", args(result))
        }
        Output::Acknowledged { waiter, result: Err(why), .. } => {
            format!("unacknowledged {waiter} {why:?}")
        }
        Output::Said { endpoint, .. } => format!("said {}", name(endpoint)),
        Output::Disconnected { endpoint, reason } => format!("left {} {reason:?}", name(endpoint)),
        Output::Limit(limit) => format!("limit {limit:?}"),
    }
}

/// A frame; `<ab>` is bytes.
fn frame_of(text: &str) -> Frame {
    match text.strip_prefix('<').and_then(|text| text.strip_suffix('>')) {
        Some(bytes) => Frame::Binary(bytes.to_owned().into()),
        None => Frame::Text(text.into()),
    }
}

fn text_of(frame: Frame) -> ByteString {
    match frame {
        Frame::Text(text) => text,
        Frame::Binary(bytes) => format!("<{}>", String::from_utf8_lossy(&bytes)).into(),
    }
}

fn name(endpoint: &str) -> &str {
    if endpoint.is_empty() { "/" } else { endpoint }
}

fn args(args: &Args) -> String {
    match args.parts() {
        (Notation::Array | Notation::Elements, _) => args.to_text().into_owned(),
        (Notation::Value, json) => format!("value {json}"),
        (Notation::Text, text) => format!("text {text}"),
    }
}

fn event(endpoint: &str, name: &str, args: &str) -> Emission {
    let body = EmissionBody::Event { name: name.into(), args: args.into() };
    Emission::new(endpoint.into(), body)
}

fn text(endpoint: &str, text: &str) -> Emission {
    Emission::new(endpoint.into(), EmissionBody::Text(text.into()))
}

fn json(endpoint: &str, json: &str) -> Emission {
    Emission::new(endpoint.into(), EmissionBody::Json(json.into()))
}
