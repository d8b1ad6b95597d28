//! What Flash asks before it opens a socket: a policy, on a port of its own or on the server's.
//!
//! Connections go in; those whose first bytes ask for the policy get it and are closed, and so are all on
//! a port that gives out nothing else. [`serve`](super::serve) brings them. Whoever is slow, mute or
//! endless holds up nobody, and costs a task for as long as the limits here say. Source: Adobe, "Setting up
//! a socket policy file server"; socket.io 0.9.19 lib/transports/flashsocket.js.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;

use super::SocketIo;
use super::serve::{Trouble, accept};

/// The question, with the NUL that ends it.
const REQUEST: &[u8] = b"<policy-file-request/>\0";
/// The answer to what begins like the question and goes on otherwise.
const NOT_THE_REQUEST: &[u8] =
    b"HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n";

/// Clients that a policy port serves at once; others wait to be accepted.
const MAX_CLIENTS: usize = 256;
/// How long a client may take to hear the policy and to close its side.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);
/// The most that a client may say behind its question before it is cut off.
const MAX_UNREAD_BYTES: u64 = 1024;

/// Who may open sockets to here, in XML.
#[derive(Debug, Clone)]
pub(super) struct Policy(Bytes);

impl Policy {
    /// Lets in pages of these hosts, with no characters in them that are special in XML. Their ports are
    /// those of pages, which says nothing of the ports they connect to, so any is allowed.
    pub(super) fn for_hosts(hosts: &[&str]) -> Self {
        let mut xml = "<?xml version=\"1.0\"?><!DOCTYPE cross-domain-policy SYSTEM \
             \"http://www.macromedia.com/xml/dtds/cross-domain-policy.dtd\"><cross-domain-policy>"
            .to_owned();
        for host in hosts {
            xml += &format!("<allow-access-from domain=\"{host}\" to-ports=\"*\"/>");
        }
        Self((xml + "</cross-domain-policy>").into())
    }

    /// # Errors
    ///
    /// When the file can't be read.
    pub(super) fn read(file: &Path) -> Result<Self, String> {
        let xml = std::fs::read(file);
        let xml =
            xml.map_err(|error| format!("`flash_policy_file` {}: {error}", file.display()))?;
        Ok(Self(xml.into()))
    }
}

/// Answers a new connection that begins like Flash's question, and returns any other as it came: all that
/// those cost is a look at their first byte.
///
/// # Errors
///
/// Those of the connection.
///
/// # Cancel safety
///
/// Dropping the future closes the connection.
pub(super) async fn answer_flash(
    stream: TcpStream,
    policy: &Policy,
) -> io::Result<Option<TcpStream>> {
    let mut first = [0];
    stream.peek(&mut first).await?;
    if !REQUEST.starts_with(&first) {
        return Ok(Some(stream));
    }
    let mut stream = stream;
    for expected in REQUEST {
        if stream.read_u8().await? != *expected {
            say(stream, NOT_THE_REQUEST).await;
            return Ok(None);
        }
    }
    say(stream, &policy.0).await;
    Ok(None)
}

/// Gives out the policy on a port that is there for nothing else. It does not wait for the question, as
/// the reference does not. It never ends.
///
/// # Cancel safety
///
/// Dropping the future stops accepting; clients that are there end by themselves.
pub(super) async fn serve_policy(listener: &TcpListener, policy: &Policy) {
    let room = Arc::new(Semaphore::new(MAX_CLIENTS));
    let mut trouble = Trouble::default();
    loop {
        let place = Arc::clone(&room).acquire_owned().await;
        let (stream, _) = accept(listener, &mut trouble).await;
        let policy = policy.clone();
        tokio::spawn(async move {
            say(stream, &policy.0).await;
            drop(place);
        });
    }
}

/// Says something and hangs up. Closing with bytes unread would reset the connection, and what was said
/// might be lost with it: so the client's side ends first, if it does so in time.
async fn say(mut stream: TcpStream, text: &[u8]) {
    let said = async {
        stream.write_all(text).await?;
        stream.shutdown().await?;
        let mut rest = (&mut stream).take(MAX_UNREAD_BYTES);
        while rest.read(&mut [0; 128]).await? > 0 {}
        io::Result::Ok(())
    };
    match tokio::time::timeout(ANSWER_TIMEOUT, said).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "a Flash client broke off"),
        Err(_) => tracing::debug!("cut off a Flash client that does not close"),
    }
}

impl SocketIo {
    /// Gives out the Flash policy on a port that is there for nothing else, for those who do not use
    /// [`Builder::flash_policy_port`](crate::Builder::flash_policy_port). It ends only when it is dropped.
    ///
    /// At most 256 clients are served at once, each for at most 5 seconds; others wait.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future stops accepting; clients that are there end by themselves.
    pub async fn serve_flash_policy(&self, listener: TcpListener) {
        serve_policy(&listener, &self.core.config.edge.flash_policy).await;
    }
}

#[cfg(test)]
mod tests {
    use tokio::time::{Instant, timeout};

    use super::*;

    #[test]
    fn a_policy_names_every_host_with_any_port() {
        let xml = |hosts: &[&str]| String::from_utf8(Policy::for_hosts(hosts).0.to_vec()).unwrap();
        let frame = |entries: &str| xml(&[]).replace("y></", &format!("y>{entries}</"));
        assert_eq!(xml(&["*"]), frame(r#"<allow-access-from domain="*" to-ports="*"/>"#));
        assert_eq!(
            xml(&["example.com", "*.example.com"]),
            frame(
                "<allow-access-from domain=\"example.com\" to-ports=\"*\"/>\
                 <allow-access-from domain=\"*.example.com\" to-ports=\"*\"/>"
            )
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_that_does_not_close_or_does_not_read_is_given_up() {
        for text in [&b"short"[..], &vec![b'x'; 64 << 20]] {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let _client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
            let (stream, _) = listener.accept().await.unwrap();
            assert!(timeout(ANSWER_TIMEOUT * 2, say(stream, text)).await.is_ok());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn clients_over_the_limit_wait_for_a_place() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        let start = Instant::now();
        tokio::spawn(async move { serve_policy(&listener, &Policy::for_hosts(&[])).await });
        let mut idle = Vec::new();
        for _ in 0..MAX_CLIENTS {
            idle.push(TcpStream::connect(addr).await.unwrap());
        }
        let mut answer = Vec::new();
        let mut last = TcpStream::connect(addr).await.unwrap();
        last.read_to_end(&mut answer).await.unwrap();
        assert_eq!(answer, Policy::for_hosts(&[]).0);
        assert!(start.elapsed() >= ANSWER_TIMEOUT);
    }
}
