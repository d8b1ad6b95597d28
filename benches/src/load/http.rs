//! HTTP/1.1 as far as a polling client needs it.
//!
//! In: bytes of an answer. Out: its status and body, once they are whole. Used to set clients up and to poll.

use std::io::{self, Read, Write};
use std::net::TcpStream;
use std::ops::Range;

use super::broken;

/// A whole answer at the front of a buffer.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: Range<usize>,
    /// Where the next answer begins.
    pub(crate) end: usize,
}

/// The answer at the front of these bytes, if they hold it whole; of chunks it understands one alone.
pub(crate) fn first_answer(bytes: &[u8]) -> io::Result<Option<Answer>> {
    let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else { return Ok(None) };
    let head = std::str::from_utf8(&bytes[..end]).map_err(|_| broken("a head that is no text"))?;
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or(0);
    let header = |name: &str| {
        head.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    };
    let start = end + 4;
    let (body, tail) = match header("content-length").map(str::parse::<usize>) {
        Some(Ok(length)) => (start..start + length, ""),
        _ if status == 101 => (start..start, ""),
        _ if header("transfer-encoding").is_some() => {
            let rest = &bytes[start..];
            let Some(line) = rest.windows(2).position(|two| two == b"\r\n") else {
                return Ok(None);
            };
            let length = std::str::from_utf8(&rest[..line]).ok();
            let length = length.and_then(|text| usize::from_str_radix(text, 16).ok());
            let length = length.ok_or_else(|| broken("a chunk without a length"))?;
            (start + line + 2..start + line + 2 + length, "\r\n0\r\n\r\n")
        }
        _ => return Err(broken(format!("an answer without a length: {head}"))),
    };
    let end = body.end + tail.len();
    Ok((end <= bytes.len()).then_some(Answer { status, body, end }))
}

/// Sends a request and waits for its answer; what came behind that is left in `rest`.
pub(crate) fn exchange(
    stream: &mut TcpStream,
    request: &[u8],
    rest: &mut Vec<u8>,
) -> io::Result<(u16, Vec<u8>)> {
    stream.write_all(request)?;
    loop {
        if let Some(answer) = first_answer(rest)? {
            let body = rest[answer.body.clone()].to_vec();
            rest.drain(..answer.end);
            return Ok((answer.status, body));
        }
        read_more(stream, rest)?;
    }
}

/// Reads once, and takes the end of the stream for an error.
pub(crate) fn read_more(stream: &mut TcpStream, rest: &mut Vec<u8>) -> io::Result<()> {
    let mut space = [0; 16 * 1024];
    match stream.read(&mut space)? {
        0 => Err(broken(format!("the server hung up: {}", String::from_utf8_lossy(rest)))),
        count => {
            rest.extend_from_slice(&space[..count]);
            Ok(())
        }
    }
}

/// A request to poll.
pub(crate) fn get(target: &str) -> Vec<u8> {
    format!("GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n").into_bytes()
}

/// A request to post.
pub(crate) fn post(target: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!(
        "POST {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/plain;charset=UTF-8\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    )
    .into_bytes()
}

/// A request to upgrade.
pub(crate) fn upgrade(target: &str) -> Vec<u8> {
    format!(
        "GET {target} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    .into_bytes()
}
