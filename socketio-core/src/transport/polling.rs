//! Long polling: a GET waits for packets, a POST brings some.
//!
//! Each request is asked of its session at once, and lets go of its head; what is given back is a short
//! future that waits for the session's answer. Dropping it (the client went away) leaves what was queued for
//! the next poll. Source: socket.io 0.9.19 lib/transports/http-polling.js and xhr-polling.js.

use std::future::Future;

use bytestring::ByteString;
use futures_util::FutureExt as _;
use http::{HeaderValue, StatusCode};
use tokio::sync::oneshot;

use super::{Page, Response, plain, status, unknown_session};
use crate::driver::{Answer, Command, Mailbox, Posting, Transport};
use crate::protocol::engineio::Frame;
use crate::session::CloseReason;

/// Answers a GET with what the session has to say, when it has.
pub(crate) fn poll(mailbox: Option<Mailbox>, page: Page) -> impl Future<Output = Response> + Send {
    packets(mailbox, Transport::XhrPolling).map(|packets| match packets {
        Some(packets) => plain(page, packets.into_bytes()),
        None => shutting_down(),
    })
}

pub(super) fn shutting_down() -> Response {
    status(StatusCode::SERVICE_UNAVAILABLE, "server is shutting down")
}

/// What a poll is told, unless the server stops.
pub(super) fn packets(
    mailbox: Option<Mailbox>,
    transport: Transport,
) -> impl Future<Output = Option<ByteString>> + Send {
    ask(mailbox, move |answer| Command::Poll(transport, answer)).map(|answer| match answer {
        Answer::Body(Frame::Text(packets)) | Answer::Plain(Frame::Text(packets)) => Some(packets),
        Answer::Closed(CloseReason::ServerShutdown, _) => None,
        _ => Some(unknown_session().into()),
    })
}

/// Gives a POST's packets to the session. The answer says that they were taken in, not that they were
/// handled; where the queue is full it waits for room.
pub(crate) fn post(
    posting: Posting,
    transport: Transport,
    body: ByteString,
    page: Page,
) -> impl Future<Output = Response> + Send {
    let mailbox = posting.mailbox().clone();
    let post = move |answer| Command::Post(transport, Some(Frame::Text(body)), posting, answer);
    ask(Some(mailbox), post).map(|answer| match answer {
        Answer::Body(_) => {
            let is_page = page.is_some();
            let mut answer = plain(page, "1");
            if is_page {
                let headers = answer.headers_mut();
                headers.insert("x-xss-protection", HeaderValue::from_static("0"));
            }
            answer
        }
        _ => unknown_post(page),
    })
}

/// The answer to a POST for a session that is not there: to any status but 200 the client's answer is a new handshake,
/// which is what it needs.
pub(crate) fn unknown_post(page: Page) -> Response {
    let mut answer = plain(page, unknown_session());
    *answer.status_mut() = StatusCode::BAD_REQUEST;
    answer
}

/// Asks the session, at once; what it answers, when it does.
pub(super) fn ask(
    mailbox: Option<Mailbox>,
    command: impl FnOnce(oneshot::Sender<Answer>) -> Command,
) -> impl Future<Output = Answer> + Send {
    let (answer, answered) = oneshot::channel();
    if let Some(mailbox) = mailbox {
        let _gone = mailbox.send(command(answer));
    }
    answered.map(|answer| answer.unwrap_or(Answer::Closed(CloseReason::TransportClosed, None)))
}
