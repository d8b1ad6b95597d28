//! Long polling: a GET waits for packets, a POST brings some.
//!
//! Each request is a short future that waits for the session's answer; dropping it (the client went
//! away) leaves what was queued for the next poll. Source: socket.io 0.9.19
//! lib/transports/http-polling.js and xhr-polling.js.

use bytestring::ByteString;
use http::{HeaderMap, HeaderValue, StatusCode};
use tokio::sync::oneshot;

use super::{Response, plain, status, unknown_session};
use crate::driver::{Answer, Command, Mailbox, Transport};
use crate::protocol::engineio::Frame;
use crate::session::CloseReason;

/// Answers a GET with what the session has to say, when it has.
pub(crate) async fn poll(mailbox: Option<Mailbox>, request: &HeaderMap) -> Response {
    match packets(mailbox, Transport::XhrPolling).await {
        Ok(packets) => plain(request, packets.into_bytes()),
        Err(shutting_down) => shutting_down,
    }
}

/// What a poll is told: packets, or that the server stops.
pub(super) async fn packets(
    mailbox: Option<Mailbox>,
    transport: Transport,
) -> Result<ByteString, Response> {
    let (answer, answered) = oneshot::channel();
    match ask(mailbox, Command::Poll(transport, answer), answered).await {
        Answer::Body(Frame::Text(packets)) | Answer::Plain(Frame::Text(packets)) => Ok(packets),
        Answer::Closed(CloseReason::ServerShutdown, _) => {
            Err(status(StatusCode::SERVICE_UNAVAILABLE, "server is shutting down"))
        }
        _ => Ok(unknown_session().into()),
    }
}

/// Gives a POST's packets to the session. The answer says that they were taken in, not that they were
/// handled; where the queue is full it waits for room.
pub(crate) async fn post(
    mailbox: Option<Mailbox>,
    transport: Transport,
    body: ByteString,
    request: &HeaderMap,
) -> Response {
    let (answer, answered) = oneshot::channel();
    match ask(mailbox, Command::Post(transport, Frame::Text(body), answer), answered).await {
        Answer::Body(_) => {
            let mut answer = plain(request, "1");
            if request.contains_key(http::header::ORIGIN) {
                let headers = answer.headers_mut();
                headers.insert("x-xss-protection", HeaderValue::from_static("0"));
            }
            answer
        }
        // To any status but 200 the client's answer is a new handshake, which is what it needs.
        _ => {
            let mut answer = plain(request, unknown_session());
            *answer.status_mut() = StatusCode::BAD_REQUEST;
            answer
        }
    }
}

pub(super) async fn ask(
    mailbox: Option<Mailbox>,
    command: Command,
    answered: oneshot::Receiver<Answer>,
) -> Answer {
    let gone = Answer::Closed(CloseReason::TransportClosed, None);
    let Some(mailbox) = mailbox else { return gone };
    match mailbox.send(command) {
        Ok(()) => answered.await.unwrap_or(gone),
        Err(_) => gone,
    }
}
