//! A client on a WebSocket: one task that reads, answers and writes.
//!
//! In: the request to upgrade. Out: frames, all that one turn brought in one write. An
//! idle client keeps no buffer.

use std::cell::Cell;
use std::future::poll_fn;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use base64::Engine as _;
use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CONNECTION, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, UPGRADE};
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use sha1::{Digest as _, Sha1};
use socketio_benches::frame::{Frame, put, unmask};
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _, ReadBuf};
use tokio::net::TcpStream;

use crate::session::{Client, Server};

thread_local! {
    /// What every connection reads into.
    static SPACE: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
    /// What every connection writes from, unless the kernel does not take it at once.
    static OUTPUT: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// Agrees to an upgrade and serves the client until it leaves.
pub(crate) fn upgrade(server: Arc<Server>, request: Request<Incoming>) -> Response<Full<Bytes>> {
    let key = request.headers().get(SEC_WEBSOCKET_KEY).map(HeaderValue::as_bytes);
    let digest = Sha1::new()
        .chain_update(key.unwrap_or_default())
        .chain_update("258EAFA5-E914-47DA-95CA-C5AB0DC85B11");
    let accept = base64::engine::general_purpose::STANDARD.encode(digest.finalize());
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
    headers.extend(HeaderValue::try_from(accept).map(|accept| (SEC_WEBSOCKET_ACCEPT, accept)));
    tokio::spawn(async move {
        let upgraded = hyper::upgrade::on(request).await.ok()?;
        // What hyper read ahead is let go of here: clients wait for the answer.
        let stream = upgraded.downcast::<TokioIo<TcpStream>>().ok()?.io.into_inner();
        serve(stream, server).await.ok()
    });
    response
}

async fn serve(stream: TcpStream, server: Arc<Server>) -> io::Result<()> {
    let (id, client) = server.enter();
    let mut socket = Socket { stream, client, server, input: Vec::new(), output: Vec::new() };
    put(&mut socket.output, 1, open_packet(id, "").as_bytes());
    let end = poll_fn(|cx| socket.poll(cx)).await;
    socket.server.leave(id);
    end?;
    socket.stream.shutdown().await
}

/// The packet that a session begins with.
pub(crate) fn open_packet(id: u64, upgrades: &str) -> String {
    format!(
        r#"0{{"sid":"{id}","upgrades":[{upgrades}],"pingInterval":25000,"pingTimeout":20000,"maxPayload":1000000}}"#
    )
}

struct Socket {
    stream: TcpStream,
    client: Arc<Client>,
    server: Arc<Server>,
    /// The start of a frame that is not whole yet.
    input: Vec<u8>,
    /// What the kernel has not taken.
    output: Vec<u8>,
}

impl Socket {
    /// Takes turns until there is nothing to do; ready when the client leaves.
    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        loop {
            if self.output.is_empty() {
                self.output = OUTPUT.take();
            }
            let read = self.poll_read(cx)?;
            for (_, frame) in self.client.take(cx.waker()) {
                self.output.extend_from_slice(&frame);
            }
            while !self.output.is_empty() {
                match Pin::new(&mut self.stream).poll_write(cx, &self.output)? {
                    Poll::Ready(count) => drop(self.output.drain(..count)),
                    Poll::Pending => break,
                }
            }
            if self.output.is_empty() {
                OUTPUT.set(std::mem::take(&mut self.output));
            }
            match read {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(true) => {}
                Poll::Ready(false) => return Poll::Ready(Ok(())),
            }
        }
    }

    /// Reads once and answers; `false` once the client has left.
    fn poll_read(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<bool>> {
        let mut space = SPACE.take();
        space.resize(128 * 1024, 0);
        let mut buffer = ReadBuf::new(&mut space);
        let read = Pin::new(&mut self.stream).poll_read(cx, &mut buffer);
        let there = match read {
            Poll::Ready(Ok(())) if buffer.filled().is_empty() => Poll::Ready(Ok(false)),
            Poll::Ready(Ok(())) if self.input.is_empty() => {
                let (used, there) = answer(&self.server, buffer.filled_mut(), &mut self.output);
                self.input.extend_from_slice(&buffer.filled()[used..]);
                Poll::Ready(Ok(there))
            }
            Poll::Ready(Ok(())) => {
                self.input.extend_from_slice(buffer.filled());
                let (used, there) = answer(&self.server, &mut self.input, &mut self.output);
                self.input.drain(..used);
                if self.input.is_empty() {
                    self.input = Vec::new();
                }
                Poll::Ready(Ok(there))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => Poll::Pending,
        };
        SPACE.set(space);
        there
    }
}

/// Answers the whole frames; gives the bytes that they took, and whether the client stays.
fn answer(server: &Server, bytes: &mut [u8], output: &mut Vec<u8>) -> (usize, bool) {
    let mut at = 0;
    while let Some(frame) = Frame::first(&bytes[at..]) {
        let payload = &mut bytes[at..][frame.payload.clone()];
        unmask(payload, frame.mask.unwrap_or_default());
        at += frame.payload.end;
        if frame.opcode == 8 {
            put(output, 8, &1000_u16.to_be_bytes());
            return (at, false);
        }
        server.handle(payload, |parts| put_parts(output, parts));
    }
    (at, true)
}

/// Writes a frame of parts without putting them together elsewhere first.
fn put_parts(output: &mut Vec<u8>, parts: &[&[u8]]) {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    if length < 126 {
        put(output, 1, &[]);
        if let Some(byte) = output.last_mut() {
            *byte = u8::try_from(length).unwrap_or(0);
        }
        parts.iter().for_each(|part| output.extend_from_slice(part));
    } else {
        put(output, 1, &parts.concat());
    }
}
