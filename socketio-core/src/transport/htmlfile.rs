//! A page that never ends to load, each packet a script in it: for Internet Explorer's `htmlfile`.
//!
//! Frames go in at a session's link, chunks of the answer's body come out to the connection, whose
//! task is another. What lies between the two counts as queued until the connection takes it, a
//! bounded chunk at a time. Nothing is read: the client's packets come as POSTs. The link is made by
//! the answer to a GET and polled by the driver; the body's end, or its loss, is the client's leaving.
//! Source: socket.io 0.9.19 lib/transports/htmlfile.js.

use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};

use axum::body::Body;
use bytes::{Bytes, BytesMut};
use bytestring::ByteString;
use http::HeaderValue;
use http::header::CONTENT_TYPE;
use http_body::Frame as BodyFrame;

use super::{Response, unknown_session};
use crate::driver::{Command, Farewell, Link, LinkClosed, Mailbox, Transport};
use crate::protocol::engineio::{Frame, Queued};
use crate::protocol::legacy::handshake::html_script;
use crate::protocol::legacy::payload;

/// Defines what the scripts call. Browsers run nothing before they have got 256 bytes.
const PRELUDE: &str =
    "<html><body><script>var _ = function (msg) { parent.s._(msg, document); };</script>";
const PRELUDE_BYTES: usize = 256;

/// The most that the connection is given at once; it holds this beside its own buffer.
const CHUNK_BYTES: usize = 64 * 1024;

/// Answers a GET with a page that goes on as long as its session or its client.
pub(crate) fn stream(mailbox: Option<Mailbox>) -> Response {
    if let Some(mailbox) = mailbox.filter(Mailbox::is_open) {
        let (link, page) = html_file();
        if mailbox
            .send(Command::Attach {
                transport: Transport::HtmlFile,
                link: Box::new(link),
                carries_bytes: false,
            })
            .is_ok()
        {
            return answer(Body::new(page));
        }
    }
    answer(Body::from(prelude() + &html_script(&unknown_session())))
}

fn answer(body: Body) -> Response {
    let mut answer = Response::new(body);
    let html = HeaderValue::from_static("text/html; charset=UTF-8");
    answer.headers_mut().insert(CONTENT_TYPE, html);
    answer
}

fn prelude() -> String {
    format!("{PRELUDE:PRELUDE_BYTES$}")
}

/// The two ends of a page.
fn html_file() -> (HtmlFileLink, Page) {
    let shared = Arc::new(Shared(Mutex::new(State {
        out: BytesMut::new(),
        stage: Stage::Open,
        link: None,
        page: None,
    })));
    let link = HtmlFileLink { shared: Arc::clone(&shared), frames: Vec::new(), bytes: 0 };
    (link, Page { shared, prelude: Some(prelude().into()) })
}

/// How far a page has got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Open,
    /// It ends behind what is queued.
    Ending,
    /// It breaks off.
    Dropped,
    /// The connection has let go of it.
    Gone,
}

#[derive(Debug)]
struct State {
    /// What the connection has not taken yet.
    out: BytesMut,
    stage: Stage,
    link: Option<Waker>,
    page: Option<Waker>,
}

#[derive(Debug)]
struct Shared(Mutex<State>);

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes the state for the other end, and wakes it.
    fn tell(&self, other: End, change: impl FnOnce(&mut State)) {
        let mut state = self.lock();
        change(&mut state);
        unlock_and_wake(state, other);
    }
}

/// Which of the two waits.
type End = fn(&mut State) -> &mut Option<Waker>;

/// Wakes one end once the lock is free.
fn unlock_and_wake(mut state: MutexGuard<'_, State>, end: End) {
    let waker = end(&mut state).take();
    drop(state);
    if let Some(waker) = waker {
        waker.wake();
    }
}

fn the_link(state: &mut State) -> &mut Option<Waker> {
    &mut state.link
}

fn the_page(state: &mut State) -> &mut Option<Waker> {
    &mut state.page
}

/// The session's end.
#[derive(Debug)]
struct HtmlFileLink {
    shared: Arc<Shared>,
    /// Frames since the last flush, and their bytes.
    frames: Vec<ByteString>,
    bytes: usize,
}

impl HtmlFileLink {
    /// Makes scripts of the frames and gives them to the page; those for one that is gone are kept.
    fn write(&mut self) {
        if self.frames.is_empty() {
            return;
        }
        let scripts = scripts(&self.frames);
        self.shared.tell(the_page, |state| {
            if state.stage == Stage::Open {
                state.out.extend_from_slice(scripts.as_bytes());
                self.frames = Vec::new();
                self.bytes = 0;
            }
        });
    }

    /// Waits until the connection has let go of the page (`true`), or something else (`false`).
    fn poll_gone(&mut self, cx: &Context<'_>, or: fn(&State) -> bool) -> Poll<bool> {
        let mut state = self.shared.lock();
        let is_gone = state.stage == Stage::Gone;
        if is_gone || or(&state) {
            return Poll::Ready(is_gone);
        }
        state.link = Some(cx.waker().clone());
        Poll::Pending
    }
}

/// Several frames are one payload, as the reference sends them. Since 0.9.16 clients take the backslash
/// out of each `\/` before they look at lengths, so a payload must not hold any.
fn scripts(frames: &[ByteString]) -> String {
    if frames.iter().any(|frame| frame.contains("\\/")) {
        frames.iter().map(|frame| html_script(frame)).collect()
    } else {
        html_script(&payload::encode(frames))
    }
}

impl Link for HtmlFileLink {
    fn poll_read(
        &mut self,
        cx: &mut Context<'_>,
        _: &mut VecDeque<Frame>,
    ) -> Poll<Result<(), LinkClosed>> {
        self.poll_gone(cx, |_| false).map(|_gone| Err(LinkClosed::Broken))
    }

    fn queue(&mut self, frame: Queued) {
        if let Frame::Text(text) = frame.into_frame() {
            self.bytes += text.len();
            self.frames.push(text);
        }
    }

    fn queued_bytes(&self) -> usize {
        self.bytes + self.shared.lock().out.len()
    }

    /// Scripts that the page holds are lost with it.
    fn take_unwritten(&mut self) -> Vec<Frame> {
        std::mem::take(&mut self.frames).into_iter().map(Frame::Text).collect()
    }

    fn poll_flush(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), LinkClosed>> {
        self.write();
        let done = self.poll_gone(cx, |state| state.out.is_empty());
        done.map(|is_gone| if is_gone { Err(LinkClosed::Broken) } else { Ok(()) })
    }

    /// A client notices nothing of a page's end. One that should come back is told to shake hands anew.
    fn close(&mut self, farewell: Farewell) {
        if farewell == Farewell::GoingAway {
            self.queue(Frame::Text(unknown_session().into()).into());
        }
        self.write();
        self.shared.tell(the_page, |state| {
            if state.stage == Stage::Open {
                state.stage = Stage::Ending;
            }
        });
    }

    fn poll_closed(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.poll_gone(cx, |_| false).map(|_gone| ())
    }
}

/// A session that lets go waits no longer for a connection that takes nothing.
impl Drop for HtmlFileLink {
    fn drop(&mut self) {
        self.shared.tell(the_page, |state| {
            state.out = BytesMut::new();
            state.stage = Stage::Dropped;
        });
    }
}

/// The connection's end: the body of the answer.
#[derive(Debug)]
struct Page {
    shared: Arc<Shared>,
    prelude: Option<Bytes>,
}

impl http_body::Body for Page {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<BodyFrame<Bytes>, io::Error>>> {
        let this = self.get_mut();
        if let Some(prelude) = this.prelude.take() {
            return Poll::Ready(Some(Ok(BodyFrame::data(prelude))));
        }
        let mut state = this.shared.lock();
        if state.out.is_empty() {
            return match state.stage {
                Stage::Open => {
                    state.page = Some(cx.waker().clone());
                    Poll::Pending
                }
                Stage::Dropped => Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into()))),
                Stage::Ending | Stage::Gone => Poll::Ready(None),
            };
        }
        let chunk = if state.out.len() <= CHUNK_BYTES {
            std::mem::take(&mut state.out)
        } else {
            state.out.split_to(CHUNK_BYTES)
        };
        unlock_and_wake(state, the_link);
        Poll::Ready(Some(Ok(BodyFrame::data(chunk.freeze()))))
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        self.shared.tell(the_link, |state| {
            state.out = BytesMut::new();
            state.stage = Stage::Gone;
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_queued_for_a_page_that_is_gone_can_be_taken_back() {
        let (mut link, page) = html_file();
        let cx = &mut Context::from_waker(Waker::noop());
        let frame = |text: &str| Frame::Text(text.into());
        link.queue(frame("3:::held by the page").into());
        assert_eq!(link.poll_flush(cx), Poll::Pending);
        drop(page);
        link.queue(frame("3:::a").into());
        assert_eq!(link.poll_flush(cx), Poll::Ready(Err(LinkClosed::Broken)));
        assert_eq!(link.take_unwritten(), [frame("3:::a")]);
    }
}
