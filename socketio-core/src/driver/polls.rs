//! What a session has of a client that polls: the poll that waits, and the posts that wait for room.
//!
//! Requests come through the mailbox, in the session's task, and are answered here. A client with a persistent
//! transport has none of it.

use std::collections::VecDeque;
use std::sync::atomic::Ordering::Relaxed;
use std::task::Context;
use std::time::Instant;

use tokio::sync::oneshot;

use super::commands::refusal_of;
use super::{Answer, Command, Deliver, Driver, Mailbox, Transport};
use crate::protocol::engineio::Frame;
use crate::session::{Body, CloseReason, Room};

/// Posts that may be under way. Official clients send one at a time.
const MAX_POSTS: usize = 8;

/// A POST under way, from when its head came until its body has been taken in.
pub(crate) struct Posting(Mailbox);

impl Posting {
    /// A POST comes for a session; where that is one too many the session ends, if it has not yet.
    pub(crate) fn begin(mailbox: Mailbox) -> Option<Self> {
        let before = mailbox.posts().fetch_add(1, Relaxed);
        let posting = Self(mailbox);
        if before < MAX_POSTS {
            return Some(posting);
        }
        let _gone = posting.0.send(Command::Close(CloseReason::ProtocolViolation));
        None
    }

    /// The session that it is for.
    pub(crate) fn mailbox(&self) -> &Mailbox {
        &self.0
    }
}

impl Drop for Posting {
    fn drop(&mut self) {
        self.0.posts().fetch_sub(1, Relaxed);
    }
}

/// Requests that wait.
#[derive(Default)]
pub(super) struct Polls {
    poll: Option<oneshot::Sender<Answer>>,
    posts: VecDeque<(Transport, Body, Posting, oneshot::Sender<Answer>)>,
    /// How many of them came before the server was told to stop.
    in_time: usize,
}

impl<D: Deliver> Driver<D> {
    /// Whether a poll waits.
    pub(super) fn has_poll(&self) -> bool {
        self.polls.as_ref().is_some_and(|polls| polls.poll.is_some())
    }

    /// Whether a post waits for room.
    pub(super) fn has_posts(&self) -> bool {
        self.polls.as_ref().is_some_and(|polls| !polls.posts.is_empty())
    }

    /// Whether a post waits for nothing but room.
    pub(super) fn has_posts_to_take(&mut self) -> bool {
        let Some(polls) = &mut self.polls else { return false };
        let first = polls.posts.front_mut();
        first.is_some_and(|(_, body, ..)| !self.session.holds_back(body))
    }

    /// Whether a post waits that came before the server was told to stop.
    pub(super) fn has_posts_in_time(&self) -> bool {
        self.polls.as_ref().is_some_and(|polls| polls.in_time > 0)
    }

    /// The server was told to stop: posts that come from now on are too late.
    pub(super) fn set_posts_in_time(&mut self) {
        if let Some(polls) = &mut self.polls {
            polls.in_time = polls.posts.len();
        }
    }

    /// A poll came.
    pub(super) fn poll(&mut self, transport: Transport, answer: oneshot::Sender<Answer>) {
        let now = tokio::time::Instant::now().into_std();
        if let Err(misuse) = self.session.handle_poll(now) {
            let _client_left = answer.send(refusal_of(misuse));
            return;
        }
        self.mailbox.set_transport(Some(transport));
        self.replace_link();
        self.supersede_poll();
        self.polls.get_or_insert_default().poll = Some(answer);
        self.tally.attach(transport.key(), now);
    }

    /// A post came whole.
    pub(super) fn post(
        &mut self,
        transport: Transport,
        body: Option<Frame>,
        posting: Posting,
        answer: oneshot::Sender<Answer>,
    ) {
        if let Err(misuse) = self.session.handle_post(tokio::time::Instant::now().into_std()) {
            let _client_left = answer.send(refusal_of(misuse));
            return;
        }
        let body = body.map_or_else(Body::unreadable, |body| self.session.body(&body));
        self.polls.get_or_insert_default().posts.push_back((transport, body, posting, answer));
        if self.link.is_none() {
            self.mailbox.set_transport(Some(transport));
        }
        self.again = true;
    }

    /// Lets the session handle of the first post what there is room for, and answers it once that is all.
    pub(super) fn take_post_in(&mut self, room: Room, now: Instant) {
        let Some(polls) = &mut self.polls else { return };
        let Some((transport, body, ..)) = polls.posts.front_mut() else { return };
        let taken = match self.session.handle_body(body, room, now) {
            Ok(false) => return,
            Ok(true) => {
                self.tally.posted(transport.key(), body.taken, now);
                Answer::Body(Frame::default())
            }
            Err(misuse) => refusal_of(misuse),
        };
        polls.in_time = polls.in_time.saturating_sub(1);
        if let Some((.., posting, answer)) = polls.posts.pop_front() {
            drop(posting);
            let _client_left = answer.send(taken);
        }
        // What it held back may be free to come now.
        self.again = true;
    }

    /// Answers the poll that waits, if there is something to say.
    pub(super) fn answer_poll(&mut self, cx: &mut Context<'_>, now: Instant) {
        let Some(place) = self.polls.as_mut().map(|polls| &mut polls.poll) else { return };
        let Some(mut poll) = place.take() else { return };
        if poll.poll_closed(cx).is_ready() {
            return self.session.handle_poll_lost(now);
        }
        let compress = self.session.asks_for_compression();
        if let Some(packets) = self.session.poll_answer(now) {
            let body = self.session.encode_payload(&packets);
            let answer = if compress { Answer::Body(body) } else { Answer::Plain(body) };
            if poll.send(answer).is_err() {
                self.session.handle_answer_lost(packets, now);
            } else {
                self.tally.sent(packets.len(), now);
            }
        } else if let Some(reason) = self.session.closed() {
            let _client_left = poll.send(Answer::Closed(reason, self.session.farewell()));
        } else {
            *place = Some(poll);
        }
    }

    /// Answers the poll that waits, for a newer transport takes its place.
    pub(super) fn supersede_poll(&mut self) {
        if let Some(answer) = self.polls.as_mut().and_then(|polls| polls.poll.take()) {
            self.tally.sent(1, tokio::time::Instant::now().into_std());
            let _client_left = answer.send(Answer::Body(self.session.superseded()));
        }
    }

    /// Lets go of what no request needs.
    pub(super) fn rest_polls(&mut self) {
        self.polls.take_if(|polls| polls.poll.is_none() && polls.posts.is_empty());
    }

    /// Drops the posts that wait.
    pub(super) fn drop_posts(&mut self) {
        if let Some(polls) = &mut self.polls {
            polls.posts.clear();
            polls.in_time = 0;
        }
    }
}
