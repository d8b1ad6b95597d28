//! The `tls` example as a process: the certificate that it is given, and how it stops.
//!
//! A certificate is made and written to files, which the example is started with; a client that trusts
//! this one and no other talks to it. Unix only, where a process is told to stop by a signal.
#![cfg(unix)]

use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use rcgen::generate_simple_self_signed;
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

type Outcome<T = ()> = Result<T, Box<dyn Error>>;

/// A name that no certificate which the example makes has.
const NAME: &str = "given.example";
/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// The running example, which ends with the value.
struct Example(Child);

impl Drop for Example {
    fn drop(&mut self) {
        let _ended_already = self.0.kill();
        let _reaped = self.0.wait();
    }
}

fn example(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_tls"));
    command.args(["--port", "0"]).args(args).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn file(name: &str, pem: &str) -> Outcome<String> {
    let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    std::fs::write(&path, pem)?;
    Ok(path.display().to_string())
}

/// Sends a request on a connection of its own, and reads what comes until it holds `end`.
fn request(
    address: &str,
    trusted: &CertificateDer<'static>,
    request: &str,
    end: &[u8],
) -> Outcome<(impl Read, Vec<u8>)> {
    let mut roots = RootCertStore::empty();
    roots.add(trusted.clone())?;
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let client = ClientConnection::new(Arc::new(config), ServerName::try_from(NAME)?)?;
    let mut stream = StreamOwned::new(client, stream);
    write!(stream, "GET {request}\r\nHost: {NAME}\r\n\r\n")?;
    let mut read = Vec::new();
    while !read.windows(end.len()).any(|window| window == end) {
        let mut byte = [0];
        stream.read_exact(&mut byte)?;
        read.extend(byte);
    }
    Ok((stream, read))
}

#[test]
fn a_given_certificate_is_used_and_a_stop_sends_clients_elsewhere() -> Outcome {
    let made = generate_simple_self_signed([NAME.to_owned()])?;
    let cert = file("cert.pem", &made.cert.pem())?;
    let key = file("key.pem", &made.signing_key.serialize_pem())?;
    let mut example = Example(example(&["--cert", &cert, "--key", &key]).spawn()?);
    let mut line = String::new();
    BufReader::new(example.0.stdout.take().ok_or("no output")?).read_line(&mut line)?;
    let address = line.trim_end().strip_prefix("TLS: https://").ok_or("no address")?;

    let trusted = made.cert.der();
    let (_, answer) = request(address, trusted, "/socket.io/1/ HTTP/1.1", b"jsonp-polling")?;
    let answer = String::from_utf8(answer)?;
    let id = answer.split("\r\n\r\n").nth(1).and_then(|body| body.split(':').next());
    let upgrade = format!(
        "/socket.io/1/websocket/{} HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        id.ok_or("no session id")?
    );
    let (mut wss, _) = request(address, trusted, &upgrade, b"\x81\x031::")?;

    let stopped = Command::new("kill").args(["-TERM", &example.0.id().to_string()]).status()?;
    assert!(stopped.success());
    let mut close = [0; 4];
    wss.read_exact(&mut close)?;
    assert_eq!(close, *b"\x88\x02\x03\xe9", "a WebSocket close frame with 1001, going away");
    drop(wss);
    assert!(example.0.wait()?.success());
    Ok(())
}

#[test]
fn a_certificate_that_can_not_be_used_ends_it_with_the_reason() -> Outcome {
    let no_pem = file("no.pem", "no certificate")?;
    for (args, problem) in [
        (vec!["--cert", "cert.pem"], "`--cert` and `--key` go together"),
        (vec!["--cert", "missing.pem", "--key", "missing.pem"], "missing.pem: No such file"),
        (vec!["--cert", &no_pem, "--key", &no_pem], "no keys"),
    ] {
        let ended = example(&args).output()?;
        let said = String::from_utf8(ended.stderr)?;
        assert!(!ended.status.success() && said.contains(problem), "{args:?}: {said}");
    }
    Ok(())
}
