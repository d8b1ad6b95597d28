//! Clients that are in, on streams that do not block.
//!
//! In: packets to send, and word that a stream is ready. Out: packets that came. All that is sent before a
//! flush is one write, or one post. Heartbeats are answered here.

use std::io::{self, Read as _, Write as _};

use mio::net::TcpStream;
use mio::{Interest, Registry, Token};

use super::broken;
use super::connect::Connected;
use super::http::{first_answer, get, post};
use crate::frame::{Frame, put_masked};
use crate::wire::{Incoming, Wire};

/// A packet as it is, and as a frame.
pub(super) struct Outgoing {
    text: String,
    frame: Vec<u8>,
}

impl Outgoing {
    pub(super) fn new(text: String) -> Self {
        let mut frame = Vec::new();
        put_masked(&mut frame, 1, text.as_bytes());
        Self { text, frame }
    }
}

/// A stream with what is read and not used, and what is not written.
struct Pipe {
    stream: TcpStream,
    input: Vec<u8>,
    output: Vec<u8>,
}

impl Pipe {
    fn new(stream: std::net::TcpStream, input: Vec<u8>) -> io::Result<Self> {
        stream.set_nonblocking(true)?;
        Ok(Self { stream: TcpStream::from_std(stream), input, output: Vec::new() })
    }

    fn register(&mut self, registry: &Registry, token: usize) -> io::Result<()> {
        let interest = Interest::READABLE | Interest::WRITABLE;
        registry.register(&mut self.stream, Token(token), interest)
    }

    fn fill(&mut self, space: &mut [u8]) -> io::Result<()> {
        loop {
            match self.stream.read(space) {
                Ok(0) => return Err(broken("the server hung up")),
                Ok(count) => {
                    self.input.extend_from_slice(&space[..count]);
                    if count < space.len() {
                        return Ok(());
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error),
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        let mut written = 0;
        while written < self.output.len() {
            match self.stream.write(&self.output[written..]) {
                Ok(count) => written += count,
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => break,
                Err(error) => return Err(error),
            }
        }
        self.output.drain(..written);
        Ok(())
    }
}

/// One client.
pub(super) struct Client {
    wire: Wire,
    /// The WebSocket, or the connection for polls.
    main: Pipe,
    posts: Option<Posts>,
}

struct Posts {
    pipe: Pipe,
    target: String,
    /// Packets for the next post.
    waiting: Vec<String>,
    is_under_way: bool,
}

impl Client {
    /// Takes a client over; its streams get the tokens `2 * index` and `2 * index + 1`.
    pub(super) fn new(
        connected: Connected,
        wire: Wire,
        registry: &Registry,
        index: usize,
    ) -> io::Result<Self> {
        let Connected { stream, rest, posts } = connected;
        let mut main = Pipe::new(stream, rest)?;
        main.register(registry, 2 * index)?;
        let posts = match posts {
            Some((stream, target)) => {
                let mut pipe = Pipe::new(stream, Vec::new())?;
                pipe.register(registry, 2 * index + 1)?;
                main.output = get(&target);
                main.flush()?;
                Some(Posts { pipe, target, waiting: Vec::new(), is_under_way: false })
            }
            None => None,
        };
        Ok(Self { wire, main, posts })
    }

    /// Whether something was read that was not looked at, as after a welcome.
    pub(super) fn has_input(&self) -> bool {
        !self.main.input.is_empty()
    }

    /// Queues a packet.
    pub(super) fn send(&mut self, packet: &Outgoing) {
        match &mut self.posts {
            Some(posts) => posts.waiting.push(packet.text.clone()),
            None => self.main.output.extend_from_slice(&packet.frame),
        }
    }

    /// Sends what is queued.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        if let Some(posts) = &mut self.posts {
            if !posts.is_under_way && !posts.waiting.is_empty() {
                let mut body = String::new();
                self.wire.put_body(posts.waiting.iter().map(String::as_str), &mut body);
                posts.waiting.clear();
                posts.pipe.output.extend(post(&posts.target, &body));
                posts.is_under_way = true;
            }
            posts.pipe.flush()?;
        }
        self.main.flush()
    }

    /// Sends the heartbeat of a client that has to, unasked.
    pub(super) fn beat(&mut self) -> io::Result<()> {
        let Some(heartbeat) = self.wire.heartbeat() else { return Ok(()) };
        self.send(&Outgoing::new(heartbeat.to_owned()));
        self.flush()
    }

    /// Reads the stream of a token and hands on what came.
    pub(super) fn read(
        &mut self,
        token: usize,
        space: &mut [u8],
        take: impl FnMut(Incoming<'_>),
    ) -> io::Result<()> {
        match (token % 2, &mut self.posts) {
            (0, None) => self.read_frames(space, take),
            (0, Some(_)) => self.read_polls(space, take),
            (_, Some(posts)) => {
                posts.pipe.fill(space)?;
                if let Some(answer) = first_answer(&posts.pipe.input)? {
                    if answer.status != 200 {
                        return Err(broken(format!("post: {}", answer.status)));
                    }
                    posts.pipe.input.drain(..answer.end);
                    posts.is_under_way = false;
                }
                self.flush()
            }
            (_, None) => Ok(()),
        }
    }

    fn read_frames(
        &mut self,
        space: &mut [u8],
        mut take: impl FnMut(Incoming<'_>),
    ) -> io::Result<()> {
        self.main.fill(space)?;
        let Pipe { input, output, .. } = &mut self.main;
        let mut at = 0;
        while let Some(frame) = Frame::first(&input[at..]) {
            let payload = &input[at..][frame.payload.clone()];
            match self.wire.read(payload) {
                _ if frame.opcode == 8 => return Err(broken("the server said goodbye")),
                Incoming::Heartbeat(answer) => {
                    put_masked(output, 1, answer.as_bytes());
                    take(Incoming::Heartbeat(answer));
                }
                incoming => take(incoming),
            }
            at += frame.payload.end;
        }
        input.drain(..at);
        Ok(())
    }

    fn read_polls(
        &mut self,
        space: &mut [u8],
        mut take: impl FnMut(Incoming<'_>),
    ) -> io::Result<()> {
        self.main.fill(space)?;
        let Some(posts) = &mut self.posts else { return Ok(()) };
        while let Some(answer) = first_answer(&self.main.input)? {
            let body = &self.main.input[answer.body.clone()];
            if answer.status != 200 {
                return Err(broken(format!("poll: {}", answer.status)));
            }
            self.wire.for_each_packet(body, |packet| {
                let incoming = self.wire.read(packet);
                if let Incoming::Heartbeat(answer) = incoming {
                    posts.waiting.push(answer.to_owned());
                }
                take(incoming);
            });
            self.main.input.drain(..answer.end);
            self.main.output.extend(get(&posts.target));
        }
        Ok(())
    }
}
