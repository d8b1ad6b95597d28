//! What a session does of what is asked of it through its mailbox.
//!
//! Called in the session's task, in the order in which commands were put in.

use bytestring::ByteString;
use tokio::time::Instant;

use super::{Answer, Command, Deliver, Driver, Transport, WAITING_POSTS};
use crate::session::{Admission, CloseReason, Session};

impl<D: Deliver> Driver<D> {
    pub(super) fn handle_command(&mut self, command: Command) {
        match command {
            Command::Emit { emission, volatile, ack } => {
                let waiter = ack.filter(|(waiter, _)| !waiter.is_closed());
                self.session.emit(&emission, volatile, waiter);
            }
            Command::Acknowledge { endpoint, id, args } => {
                self.session.acknowledge(&endpoint, id, args);
            }
            Command::Admit { endpoint, admission } => self.admit(&endpoint, admission),
            Command::CloseEndpoint { endpoint } => {
                self.session.close_endpoint(&endpoint, Instant::now().into_std());
            }
            Command::Close(reason) => self.close(reason),
            Command::Poll(transport, answer) => {
                self.mailbox.set_transport(Some(transport));
                self.replace_link();
                self.supersede_poll();
                self.poll = Some(answer);
                let now = Instant::now().into_std();
                self.tally.attach(transport.key(), now);
                self.session.handle_poll(now);
            }
            Command::Post(transport, body, answer) => {
                if self.posts.len() >= WAITING_POSTS {
                    self.close(CloseReason::ProtocolViolation);
                } else {
                    self.posts.push_back((transport, body, answer));
                    self.again = true;
                }
            }
            Command::Attach(transport, link) => {
                self.mailbox.set_transport(Some(transport));
                self.replace_link();
                self.supersede_poll();
                self.link = Some(link);
                let now = Instant::now().into_std();
                self.tally.attach(transport.key(), now);
                match transport {
                    Transport::HtmlFile => self.session.handle_link(now),
                    _ => self.session.handle_websocket(now),
                }
                self.again = true;
            }
        }
    }

    fn admit(&mut self, endpoint: &ByteString, admission: Admission) {
        if !endpoint.is_empty() {
            return self.session.admit(endpoint, admission);
        }
        if admission == Admission::Accept {
            self.tally.open();
        }
        if let Some(opened) = self.opened.take() {
            let _client_left = opened.send(admission);
        }
        if admission != Admission::Accept {
            self.close(CloseReason::Refused);
        }
    }

    fn close(&mut self, reason: CloseReason) {
        self.session.close(reason, Instant::now().into_std());
    }

    pub(super) fn drop_link(&mut self) {
        self.link = None;
        self.link_ended = false;
    }

    /// Lets go of the transport, but keeps what it has not written.
    pub(super) fn replace_link(&mut self) {
        if let Some(link) = &mut self.link {
            self.session.restore(link.take_unwritten());
        }
        self.drop_link();
    }

    /// Answers the poll that waits, for a newer transport takes its place.
    fn supersede_poll(&mut self) {
        if let Some(answer) = self.poll.take() {
            self.tally.sent(1, Instant::now().into_std());
            let _client_left = answer.send(Answer::Body(Session::<()>::superseded()));
        }
    }
}
