//! A raw HTTP/1.1 client: it sends what it is told and hides nothing of what comes back.
//!
//! In: method, path and headers as text, and the body. Out: status line, headers in order with
//! repetitions kept, and the body with its framing (`Content-Length`, chunked, or up to the end)
//! undone. Each request has its own connection, so requests can be open side by side, as a browser's
//! are. Source: RFC 9112, sections 4 to 7.

use std::{borrow::Cow, io, net::SocketAddr};

use bytes::Bytes;

use crate::connection::Connection;

/// Sends a request on a new connection and waits for its response.
///
/// # Errors
/// `UnexpectedEof` when the server closes without a response, `InvalidData` when the response is not
/// HTTP, and the errors of [`Connection`].
pub async fn request(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> io::Result<Response> {
    open(address, method, path, headers, body).await?.response().await
}

/// Sends a request on a new connection; its response is awaited later.
///
/// # Errors
/// Those of [`Connection`].
pub async fn open(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> io::Result<Pending> {
    let mut connection = Connection::open(address).await?;
    write_request(&mut connection, address, method, path, headers, body).await?;
    Ok(Pending { connection, method: method.to_owned() })
}

/// A request whose response has not been taken yet. Dropping it drops the connection.
#[derive(Debug)]
pub struct Pending {
    connection: Connection,
    method: String,
}

impl Pending {
    /// Waits until the head of the response is there, and takes nothing. A stream that never ends
    /// has one, too: the server has seen the request.
    ///
    /// # Errors
    /// As [`request`].
    pub async fn head(&mut self) -> io::Result<()> {
        while parse_head(self.connection.received()).map_err(invalid)?.is_none() {
            fill(&mut self.connection).await?;
        }
        Ok(())
    }

    /// Waits for the response and looks at it, without taking it.
    ///
    /// # Errors
    /// As [`request`].
    ///
    /// # Cancel safety
    /// Safe: what came is kept for the next call.
    pub async fn peek(&mut self) -> io::Result<Response> {
        Ok(whole_response(&mut self.connection, &self.method).await?.0)
    }

    /// Waits for the response and takes it.
    ///
    /// # Errors
    /// As [`request`].
    pub async fn response(mut self) -> io::Result<Response> {
        read_response(&mut self.connection, &self.method).await
    }

    /// Ends the connection without waiting for the response, and waits until the server has noticed
    /// and ended it, too.
    ///
    /// # Errors
    /// As [`Connection::close`].
    pub async fn abort(self) -> io::Result<()> {
        self.connection.close().await
    }
}

/// A response, as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// The first line, such as `HTTP/1.1 200 OK`.
    pub status_line: String,
    /// The status code.
    pub status: u16,
    /// The header fields in order, names in lower case, repetitions kept.
    pub headers: Vec<(String, String)>,
    /// The body, without its transfer coding.
    pub body: Bytes,
}

impl Response {
    /// Every value of the header with this lower-case name, in order.
    pub fn header_values(&self, name: &str) -> impl Iterator<Item = &str> {
        let fields = self.headers.iter().filter(move |(field, _)| field == name);
        fields.map(|(_, value)| value.as_str())
    }

    /// The value of the header with this lower-case name; `None` too if it is there several times.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut values = self.header_values(name);
        values.next().filter(|_| values.next().is_none())
    }

    /// The body as text, with U+FFFD for what is not UTF-8.
    #[must_use]
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }
}

/// Writes a request. `Host` and `Content-Length` are supplied unless they are given.
pub(crate) async fn write_request(
    connection: &mut Connection,
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> io::Result<()> {
    let given = |name: &str| headers.iter().any(|(field, _)| field.eq_ignore_ascii_case(name));
    let mut head = format!("{method} {path} HTTP/1.1\r\n");
    if !given("host") {
        head += &format!("Host: {address}\r\n");
    }
    if !given("content-length") && (!body.is_empty() || method == "POST") {
        head += &format!("Content-Length: {}\r\n", body.len());
    }
    for (name, value) in headers {
        head += &format!("{name}: {value}\r\n");
    }
    head += "\r\n";
    // One write, so that the server sees head and body at once.
    connection.send(&[head.as_bytes(), body].concat()).await
}

/// Reads the response to a request with this method and takes it from the connection.
pub(crate) async fn read_response(
    connection: &mut Connection,
    method: &str,
) -> io::Result<Response> {
    let (response, length) = whole_response(connection, method).await?;
    connection.take(length);
    Ok(response)
}

async fn whole_response(
    connection: &mut Connection,
    method: &str,
) -> io::Result<(Response, usize)> {
    loop {
        let found = parse(connection.received(), connection.has_ended(), method);
        if let Some(response) = found.map_err(invalid)? {
            return Ok(response);
        }
        if !connection.fill().await? && connection.received().is_empty() {
            return Err(closed());
        }
    }
}

async fn fill(connection: &mut Connection) -> io::Result<()> {
    if connection.fill().await? { Ok(()) } else { Err(closed()) }
}

fn closed() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "the connection was closed without a response")
}

fn invalid(text: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, text)
}

/// Finds the response at the start of `bytes` and says how long it is; `None` asks for more bytes.
pub(crate) fn parse(
    bytes: &[u8],
    ended: bool,
    method: &str,
) -> Result<Option<(Response, usize)>, &'static str> {
    let Some((mut response, rest)) = parse_head(bytes)? else {
        let cut = ended && !bytes.is_empty();
        return if cut { Err("the response ends within its head") } else { Ok(None) };
    };
    // RFC 9112, section 6.3: these have no body, whatever their headers say.
    let body = if method == "HEAD" || matches!(response.status, 100..=199 | 204 | 304) {
        Some((Bytes::new(), 0))
    } else if let Some(coding) = response.header("transfer-encoding") {
        let chunked = coding.eq_ignore_ascii_case("chunked");
        if !chunked {
            return Err("the transfer coding is not chunked");
        }
        dechunk(rest)?
    } else if let Some(length) = response.header("content-length") {
        let length = length.parse().map_err(|_| "the Content-Length is not a number")?;
        rest.get(..length).map(|body| (Bytes::copy_from_slice(body), length))
    } else {
        ended.then(|| (Bytes::copy_from_slice(rest), rest.len()))
    };
    match body {
        Some((body, length)) => {
            response.body = body;
            Ok(Some((response, bytes.len() - rest.len() + length)))
        }
        None if ended => Err("the response ends within its body"),
        None => Ok(None),
    }
}

/// Finds the head of a response and what stands behind it.
fn parse_head(bytes: &[u8]) -> Result<Option<(Response, &[u8])>, &'static str> {
    const BLANK: &[u8] = b"\r\n\r\n";
    let end = bytes.windows(BLANK.len()).position(|window| window == BLANK);
    let Some((head, rest)) = end.and_then(|end| bytes.split_at_checked(end + BLANK.len())) else {
        return Ok(None);
    };
    let head = std::str::from_utf8(head).map_err(|_| "the head is not UTF-8")?;
    let mut lines = head.trim_end().split("\r\n");
    let status_line = lines.next().unwrap_or_default().to_owned();
    let code = status_line.strip_prefix("HTTP/1.1 ").and_then(|line| line.get(..3));
    let status =
        code.and_then(|code| code.parse().ok()).ok_or("the status line is not HTTP/1.1")?;
    let headers = lines.map(header).collect::<Option<_>>().ok_or("a header has no colon")?;
    Ok(Some((Response { status_line, status, headers, body: Bytes::new() }, rest)))
}

fn header(line: &str) -> Option<(String, String)> {
    let (name, value) = line.split_once(':')?;
    Some((name.to_ascii_lowercase(), value.trim().to_owned()))
}

/// Undoes the chunked coding (RFC 9112, section 7.1); `None` asks for more bytes.
fn dechunk(bytes: &[u8]) -> Result<Option<(Bytes, usize)>, &'static str> {
    let mut body = Vec::new();
    let mut rest = bytes;
    while let Some((line, after)) = split_line(rest) {
        let size = chunk_size(line).ok_or("a chunk size is not a number")?;
        if size == 0 {
            return Ok(skip_trailers(after).map(|rest| (body.into(), bytes.len() - rest.len())));
        }
        let Some((chunk, after)) = after.split_at_checked(size) else { return Ok(None) };
        let Some((end, after)) = after.split_at_checked(2) else { return Ok(None) };
        if end != b"\r\n" {
            return Err("a chunk is longer than its size");
        }
        body.extend_from_slice(chunk);
        rest = after;
    }
    Ok(None)
}

fn chunk_size(line: &[u8]) -> Option<usize> {
    let digits = std::str::from_utf8(line).ok()?.split(';').next()?;
    usize::from_str_radix(digits.trim(), 16).ok()
}

/// What stands behind the empty line that ends the trailers.
fn skip_trailers(mut rest: &[u8]) -> Option<&[u8]> {
    loop {
        let (line, after) = split_line(rest)?;
        if line.is_empty() {
            return Some(after);
        }
        rest = after;
    }
}

fn split_line(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let end = bytes.windows(2).position(|window| window == b"\r\n")?;
    let (line, rest) = bytes.split_at_checked(end)?;
    Some((line, rest.strip_prefix(b"\r\n")?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Parses `text`, which must be a whole response, and asks for more at every cut before its end.
    fn check(method: &str, text: &str, ended: bool, body: &str, length: usize) {
        let (response, found) = parse(text.as_bytes(), ended, method).unwrap().unwrap();
        assert_eq!((response.text().as_ref(), found), (body, length), "{text:?}");
        for cut in 0..length {
            let bytes = &text.as_bytes()[..cut];
            assert_eq!(parse(bytes, false, method), Ok(None), "{text:?} cut at {cut}");
        }
    }

    #[test]
    fn each_body_framing_is_undone_and_cut_responses_ask_for_more() {
        check("GET", "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n1::rest", false, "1::", 41);
        check("GET", "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n", false, "", 38);
        check("HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", false, "", 38);
        check("GET", "HTTP/1.1 304 Not Modified\r\n\r\n", false, "", 29);
        check("GET", "HTTP/1.1 101 Switching Protocols\r\n\r\n\u{1}", false, "", 36);
        let chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
                       3\r\n1::\r\nA;x=y\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\nrest";
        check("GET", chunked, false, "1::0123456789", chunked.len() - 4);
    }

    #[test]
    fn a_body_without_framing_lasts_until_the_end() {
        let text = b"HTTP/1.1 200 OK\r\n\r\nabc";
        assert_eq!(parse(text, false, "GET"), Ok(None));
        assert_eq!(parse(text, true, "GET").unwrap().unwrap().0.text(), "abc");
    }

    #[test]
    fn what_is_not_http_is_refused() {
        let table: &[(&str, bool, &str)] = &[
            ("HTTP/1.0 200 OK\r\n\r\n", false, "the status line is not HTTP/1.1"),
            ("HTTP/1.1 xyz\r\n\r\n", false, "the status line is not HTTP/1.1"),
            ("HTTP/1.1 200 OK\r\nno colon\r\n\r\n", false, "a header has no colon"),
            ("HTTP/1.1 200 OK\r\n", true, "the response ends within its head"),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n1:",
                true,
                "the response ends within its body",
            ),
            (
                "HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
                false,
                "the Content-Length is not a number",
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n",
                false,
                "the transfer coding is not chunked",
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc\r\n",
                false,
                "a chunk is longer than its size",
            ),
            (
                "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
                false,
                "a chunk size is not a number",
            ),
        ];
        for (text, ended, message) in table {
            assert_eq!(parse(text.as_bytes(), *ended, "GET"), Err(*message), "{text:?}");
        }
    }

    #[test]
    fn headers_keep_their_order_and_repetitions() {
        let text = b"HTTP/1.1 200 OK\r\nSet-Cookie: a\r\nX: 1\r\nset-cookie:b\r\n\r\n";
        let (response, _) = parse(text, false, "HEAD").unwrap().unwrap();
        assert_eq!(response.header_values("set-cookie").collect::<Vec<_>>(), ["a", "b"]);
        assert_eq!(response.header("set-cookie"), None);
        assert_eq!(response.header("x"), Some("1"));
        assert_eq!(response.header("y"), None);
    }
}
