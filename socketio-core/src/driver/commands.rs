//! What can be asked of a session through its mailbox, and what it does then.
//!
//! The latter is called in the session's task, in the order in which commands were put in.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Instant as StdInstant;

use bytestring::ByteString;
use tokio::sync::oneshot;
use tokio::time::Instant;

use super::candidate::{self, Candidate};
use super::ending::Ending;
use super::{Deliver, Driver, Link, Posting, Transport};
use crate::protocol::engineio::Frame;
use crate::protocol::{AckId, Args, Emission, JsonText};
use crate::session::{Admission, CloseReason, Misuse, NoAck};
use crate::stats::Limit;

/// What an awaited acknowledgement ends as.
pub(crate) type AckResult = Result<Args, NoAck>;

/// How a poll or a post is answered.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    /// A poll: this body. A post: it was taken in.
    Body(Frame),
    /// A poll: the same, and no packet in it asks for compression.
    Plain(Frame),
    /// The session is over, for this reason; what a client that polls is told of it.
    Closed(CloseReason, Option<Frame>),
    /// Not what may come now: a second poll beside one that waits, or what can't be read.
    BadRequest,
    /// The session is carried by another transport.
    Misplaced,
}

/// What can be asked of a running session.
pub(crate) enum Command {
    Emit {
        emission: Arc<Emission>,
        volatile: bool,
        ack: Option<(oneshot::Sender<AckResult>, StdInstant)>,
    },
    Acknowledge {
        endpoint: ByteString,
        id: AckId,
        args: JsonText,
    },
    Admit {
        endpoint: ByteString,
        admission: Admission,
    },
    /// What the client of a connection that comes back missed.
    Replay {
        endpoint: ByteString,
        missed: Vec<Arc<Emission>>,
    },
    /// The connection says anew until when it lasts.
    Expire {
        endpoint: ByteString,
    },
    CloseEndpoint {
        endpoint: ByteString,
    },
    Close(CloseReason),
    /// The server stops: what was taken in is handled and answered, then the session ends.
    Drain,
    Poll(Transport, oneshot::Sender<Answer>),
    /// The body of a POST, unless it can't be read.
    Post(Transport, Option<Frame>, Posting, oneshot::Sender<Answer>),
    /// A transport comes; whether it carries bytes as they are.
    Attach {
        transport: Transport,
        link: Box<dyn Link>,
        carries_bytes: bool,
    },
    /// Whether polls carry bytes as they are.
    Capability {
        carries_bytes: bool,
    },
}

impl<D: Deliver> Driver<D> {
    pub(super) fn handle_command(&mut self, command: Command) {
        match command {
            Command::Emit { emission, volatile, ack } => {
                let waiter = ack.filter(|(waiter, _)| !waiter.is_closed());
                let asks = waiter.is_some();
                match self.session.emit(&emission, volatile, waiter) {
                    None => self.deliver.emitted(emission.endpoint(), emission.body(), asks),
                    Some(NoAck::Skipped) => self.mailbox.notices().limit_hit(Limit::Volatile),
                    Some(NoAck::TooMany) => self.mailbox.notices().limit_hit(Limit::PendingAcks),
                    Some(_) => {}
                }
            }
            Command::Acknowledge { endpoint, id, args } => {
                self.deliver.acknowledging(&endpoint, &args);
                self.session.acknowledge(&endpoint, &id, args);
            }
            Command::Admit { endpoint, admission } => self.admit(&endpoint, admission),
            Command::Replay { endpoint, missed } => {
                missed.iter().for_each(|missed| {
                    self.deliver.emitted(&endpoint, missed.body(), false);
                });
                self.session.replay(&endpoint, &missed);
            }
            Command::Expire { endpoint } => {
                self.session.expire_endpoint(&endpoint, self.deliver.expiry(&endpoint));
            }
            Command::CloseEndpoint { endpoint } if self.deliver.is_another(&endpoint) => {}
            Command::CloseEndpoint { endpoint } => {
                self.session.close_endpoint(&endpoint, Instant::now().into_std());
            }
            Command::Close(reason) => self.close(reason),
            Command::Drain => self.drain(),
            Command::Poll(transport, answer) => self.poll(transport, answer),
            Command::Post(transport, body, posting, answer) => {
                self.post(transport, body, posting, answer);
            }
            Command::Attach { transport, link, carries_bytes } => {
                self.attach(transport, link, carries_bytes);
            }
            Command::Capability { carries_bytes } => {
                self.session.handle_capability(carries_bytes);
            }
        }
    }

    fn attach(&mut self, transport: Transport, link: Box<dyn Link>, carries_bytes: bool) {
        let now = Instant::now().into_std();
        self.again = true;
        if !self.session.takes_links() {
            if self.ending == Ending::NotYet && self.session.handle_upgrade(now) {
                let frames = VecDeque::new();
                let candidate = Candidate { link, transport, carries_bytes, frames };
                self.candidate = Some(Box::new(candidate));
            } else {
                // Another is probed, or has taken over.
                candidate::dismiss(link);
            }
            return;
        }
        self.session.handle_capability(carries_bytes);
        self.mailbox.set_transport(Some(transport));
        self.replace_link();
        self.supersede_poll();
        self.link = Some(link);
        self.tally.attach(transport.key(), now);
        log_transport(transport);
        match transport {
            Transport::HtmlFile => self.session.handle_link(now),
            _ => self.session.handle_websocket(now),
        }
    }

    fn admit(&mut self, endpoint: &ByteString, admission: Admission) {
        if !endpoint.is_empty() {
            return self.session.admit(endpoint, admission);
        }
        let Some(opened) = self.opened.take() else {
            return self.session.admit(endpoint, admission);
        };
        if matches!(admission, Admission::Accept(..)) {
            self.tally.open();
        } else {
            self.close(CloseReason::Refused);
        }
        let _client_left = opened.send(admission);
    }

    pub(super) fn close(&mut self, reason: CloseReason) {
        self.session.close(reason, Instant::now().into_std());
    }

    pub(super) fn drop_link(&mut self) {
        self.link = None;
        self.link_ended = false;
        self.link_said_all = false;
        self.left_behind = true;
    }

    /// Lets go of the transport, but keeps what it has not written.
    pub(super) fn replace_link(&mut self) {
        if let Some(link) = &mut self.link {
            self.session.restore(link.take_unwritten());
        }
        self.drop_link();
    }
}

/// How a poll or post that the session did not take is answered.
pub(super) fn refusal_of(misuse: Misuse) -> Answer {
    match misuse {
        Misuse::Violation => Answer::BadRequest,
        Misuse::Misplaced => Answer::Misplaced,
        Misuse::Over(reason) => Answer::Closed(reason, None),
    }
}

/// Notes what carries the session from now on, unless that is polls, which come and go.
pub(super) fn log_transport(transport: Transport) {
    tracing::debug!(target: "socketio::session", transport = transport.as_str(), "transport attached");
}
