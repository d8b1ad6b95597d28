//! Setting clients up: from a TCP connection to a client that is let in, one step after the other.
//!
//! In: the server's address, the wire, the carrier. Out: connected streams that block, and what they have
//! read beyond the welcome. The scenario `connect` is nothing but this.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use super::http::{exchange, get, post, read_more, upgrade};
use super::{Carrier, broken};
use crate::frame::{Frame, put_masked};
use crate::wire::{Incoming, Wire};

/// A client that is in.
pub(crate) struct Connected {
    /// The WebSocket, or the connection for polls.
    pub(crate) stream: TcpStream,
    /// What was read of it and not looked at.
    pub(crate) rest: Vec<u8>,
    /// For clients that poll: the connection for posts, and where to.
    pub(crate) posts: Option<(TcpStream, String)>,
}

/// No server takes longer to answer while clients are set up.
const TIMEOUT: Duration = Duration::from_secs(20);

fn open(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(TIMEOUT))?;
    Ok(stream)
}

/// Connects one client and waits until it is in.
pub(crate) fn connect(address: SocketAddr, wire: Wire, carrier: Carrier) -> io::Result<Connected> {
    let mut stream = open(address)?;
    let mut rest = Vec::new();
    match (carrier, wire) {
        (Carrier::WebSocket, Wire::Legacy) => {
            let sid = legacy_handshake(&mut stream, &mut rest)?;
            let target = format!("/socket.io/1/websocket/{sid}");
            // The reference's 0.9 keeps no connection alive across an upgrade.
            stream = open(address)?;
            rest.clear();
            websocket(&mut stream, &mut rest, wire, &target)?;
            Ok(Connected { stream, rest, posts: None })
        }
        (Carrier::WebSocket, _) => {
            websocket(&mut stream, &mut rest, wire, &wire.first_target("websocket"))?;
            Ok(Connected { stream, rest, posts: None })
        }
        (Carrier::Polling, _) => {
            let target = match wire {
                Wire::Legacy => {
                    let sid = legacy_handshake(&mut stream, &mut rest)?;
                    format!("/socket.io/1/xhr-polling/{sid}")
                }
                _ => modern_polling(&mut stream, &mut rest, wire)?,
            };
            poll_until_in(&mut stream, &mut rest, wire, &target)?;
            Ok(Connected { stream, rest, posts: Some((open(address)?, target)) })
        }
    }
}

/// A client that is in; what came behind its welcome is lost.
///
/// # Errors
///
/// When the server does not let it in.
pub fn join(address: SocketAddr, wire: Wire, carrier: Carrier) -> io::Result<TcpStream> {
    Ok(connect(address, wire, carrier)?.stream)
}

/// Connects, is let in, says goodbye and waits for the server's.
pub(crate) fn connect_and_leave(address: SocketAddr, wire: Wire) -> io::Result<()> {
    let Connected { mut stream, .. } = connect(address, wire, Carrier::WebSocket)?;
    let mut close = Vec::new();
    put_masked(&mut close, 8, &1000_u16.to_be_bytes());
    stream.write_all(&close)?;
    stream.read_to_end(&mut Vec::new()).map(|_| ())
}

fn legacy_handshake(stream: &mut TcpStream, rest: &mut Vec<u8>) -> io::Result<String> {
    let (status, body) = exchange(stream, &get(&Wire::Legacy.first_target("")), rest)?;
    let text = String::from_utf8_lossy(&body);
    match text.split_once(':') {
        Some((sid, _)) if status == 200 => Ok(sid.to_owned()),
        _ => Err(broken(format!("handshake: {status} {text}"))),
    }
}

fn modern_polling(stream: &mut TcpStream, rest: &mut Vec<u8>, wire: Wire) -> io::Result<String> {
    let first = wire.first_target("polling");
    let (status, body) = exchange(stream, &get(&first), rest)?;
    let text = String::from_utf8_lossy(&body);
    let sid = text.split_once("\"sid\":\"").and_then(|(_, rest)| rest.split_once('"'));
    let Some((sid, _)) = sid else { return Err(broken(format!("handshake: {status} {text}"))) };
    let target = format!("{first}&sid={sid}");
    if wire == Wire::V4 {
        let (status, _) = exchange(stream, &post(&target, "40"), rest)?;
        if status != 200 {
            return Err(broken(format!("connect: {status}")));
        }
    }
    Ok(target)
}

fn poll_until_in(
    stream: &mut TcpStream,
    rest: &mut Vec<u8>,
    wire: Wire,
    target: &str,
) -> io::Result<()> {
    let mut is_in = false;
    // Revision 3 may have said so in the first answer; then the poll would wait for a heartbeat.
    while !is_in && wire != Wire::V2 {
        let (status, body) = exchange(stream, &get(target), rest)?;
        if status != 200 {
            return Err(broken(format!("poll: {status}")));
        }
        wire.for_each_packet(&body, |packet| is_in |= wire.read(packet) == Incoming::Welcome);
    }
    Ok(())
}

fn websocket(
    stream: &mut TcpStream,
    rest: &mut Vec<u8>,
    wire: Wire,
    target: &str,
) -> io::Result<()> {
    let (status, body) = exchange(stream, &upgrade(target), rest)?;
    if status != 101 {
        return Err(broken(format!("upgrade: {status} {}", String::from_utf8_lossy(&body))));
    }
    let mut asked = wire != Wire::V4;
    loop {
        while let Some(frame) = Frame::first(rest) {
            let (mut is_in, mut answer) = (false, Vec::new());
            match wire.read(&rest[frame.payload.clone()]) {
                Incoming::Welcome => is_in = true,
                // Some servers ask at once.
                Incoming::Heartbeat(alive) => put_masked(&mut answer, 1, alive.as_bytes()),
                _ => {}
            }
            rest.drain(..frame.payload.end);
            if is_in {
                return Ok(());
            }
            if !std::mem::replace(&mut asked, true) {
                put_masked(&mut answer, 1, b"40");
            }
            stream.write_all(&answer)?;
        }
        read_more(stream, rest)?;
    }
}
