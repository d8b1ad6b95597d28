//! Polling: one GET waits for what the server sends, one POST at a time carries what the client sends.
//!
//! Frames go in, packets come out. Bodies are no larger than the server takes, nor than the client's limit.
//! Source: Engine.IO protocol v4, "HTTP long-polling"; engine.io-client 6.6 lib/transports/polling.ts.

use std::collections::VecDeque;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use bytestring::ByteString;
use http::{Method, Request, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use super::super::connecting::Settings;
use super::{Broken, Open, Outgoing, target};
use crate::protocol::engineio::Packet;
use crate::protocol::engineio::v4::{self, payload};

type Answer = Pin<Box<dyn Future<Output = Result<ByteString, Broken>> + Send>>;

/// A session that is polled.
pub(in super::super) struct Polling {
    http: Client<HttpConnector, Full<Bytes>>,
    settings: Arc<Settings>,
    sid: String,
    max_payload: usize,
    /// What came and was not taken.
    came: VecDeque<Packet>,
    get: Option<Answer>,
    post: Option<Answer>,
    /// No request begins any more, for another transport takes over.
    paused: bool,
}

impl Polling {
    /// Opens a session.
    pub(in super::super) async fn open(settings: &Arc<Settings>) -> Result<(Self, Open), Broken> {
        let mut polling = Self {
            http: Client::builder(TokioExecutor::new()).build_http(),
            settings: Arc::clone(settings),
            sid: String::new(),
            max_payload: usize::MAX,
            came: VecDeque::new(),
            get: None,
            post: None,
            paused: false,
        };
        let body = polling.request(Method::GET, Bytes::new()).await?;
        polling.came = payload::decode(&body).collect::<Result<_, _>>()?;
        let first = polling.came.pop_front().unwrap_or(Packet::Noop);
        let open = Open::read(&first)?;
        polling.sid.clone_from(&open.sid);
        polling.max_payload = open.max_payload.unwrap_or(usize::MAX);
        Ok((polling, open))
    }

    /// Begins no request any more.
    pub(in super::super) fn pause(&mut self) {
        self.paused = true;
    }

    /// Whether it has said and heard all that it had to.
    pub(in super::super) fn is_quiet(&self) -> bool {
        self.paused && self.get.is_none() && self.post.is_none() && self.came.is_empty()
    }

    /// The next packet.
    pub(super) fn poll_packet(&mut self, cx: &mut Context<'_>) -> Poll<Result<Packet, Broken>> {
        loop {
            if let Some(packet) = self.came.pop_front() {
                return Poll::Ready(Ok(packet));
            }
            if self.get.is_none() {
                if self.paused {
                    return Poll::Pending;
                }
                self.get = Some(self.request(Method::GET, Bytes::new()));
            }
            if let Some(get) = &mut self.get {
                let body = ready!(get.as_mut().poll(cx));
                self.get = None;
                self.came = payload::decode(&body?).collect::<Result<_, _>>()?;
            }
        }
    }

    /// Takes frames, as many as the server takes at once.
    pub(super) fn poll_send(
        &mut self,
        out: &mut VecDeque<Outgoing>,
        sent: &mut dyn FnMut(usize),
        cx: &mut Context<'_>,
    ) -> Poll<Result<(), Broken>> {
        loop {
            if let Some(post) = &mut self.post {
                let answer = ready!(post.as_mut().poll(cx));
                self.post = None;
                answer?;
            }
            if out.is_empty() {
                return Poll::Ready(Ok(()));
            }
            if self.paused {
                return Poll::Pending;
            }
            let mut texts: Vec<ByteString> = Vec::new();
            let mut bytes = 0;
            while let Some(next) = out.front() {
                let text = v4::to_text(&next.frame);
                if !texts.is_empty() && bytes + text.len() + 1 > self.max_payload {
                    break;
                }
                bytes += text.len() + 1;
                texts.push(text);
                sent(out.pop_front().map_or(0, |taken| taken.buffered));
            }
            self.post = Some(self.request(Method::POST, texts.join("\x1e").into()));
        }
    }

    /// A request whose answer is a body of text.
    fn request(&self, method: Method, body: Bytes) -> Answer {
        let settings = &self.settings;
        let sid = Some(&*self.sid).filter(|sid| !sid.is_empty());
        let (host, port) = (&settings.address.host, settings.address.port);
        let url = format!("http://{host}:{port}{}", target(settings, "polling", sid));
        let mut request = Request::builder().method(method).uri(url);
        if let Some(headers) = request.headers_mut() {
            headers.clone_from(&settings.headers);
        }
        let request = request
            .header(http::header::CONTENT_TYPE, "text/plain;charset=UTF-8")
            .body(Full::new(body));
        let (http, limit) = (self.http.clone(), settings.max_message_bytes);
        Box::pin(async move {
            let answer = http.request(request?).await?;
            let status = answer.status();
            let body = Limited::new(answer.into_body(), limit).collect().await;
            let body = body.map_err(|error| Broken(error.to_string()))?.to_bytes();
            if status != StatusCode::OK {
                let body: String = String::from_utf8_lossy(&body).chars().take(200).collect();
                return Err(Broken(format!("{status}: {body}")));
            }
            Ok(ByteString::try_from(body)?)
        })
    }
}
