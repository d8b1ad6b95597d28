//! Clients that leave at every stage of their life, and what the server has left of them.

use std::fmt::Write as _;
use std::io::{self, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use socketio_benches::frame::put_masked;
use socketio_benches::load::{Carrier, join};
use socketio_benches::wire::Wire;

use crate::served::Served;

/// Clients that come at once.
const THREADS: usize = 16;

/// Bytes by which the heap may differ from one round to the next: tables are as large as the most clients that were there at
/// once made them.
const NOISE: usize = 4 << 20;

/// How a client comes and leaves.
type Leave = fn(SocketAddr) -> io::Result<()>;

const KINDS: [(&str, Leave); 14] = [
    ("4.x, a handshake and silence", |to| handshake(to, "/socket.io/?EIO=4&transport=polling")),
    ("2.x, a handshake and silence", |to| handshake(to, "/socket.io/?EIO=3&transport=polling")),
    ("0.9, a handshake and silence", |to| handshake(to, "/socket.io/1/")),
    ("4.x, a WebSocket that joins nothing", |to| {
        upgrade(to, "/socket.io/?EIO=4&transport=websocket").map(drop)
    }),
    ("4.x, a WebSocket that is reset", |to| {
        let client = join(to, Wire::V4, Carrier::WebSocket)?;
        // It is, with bytes unread.
        send(&client, "420[\"echo\",\"unread\"]")?;
        std::thread::yield_now();
        Ok(())
    }),
    ("4.x, a WebSocket that says goodbye", |to| {
        let mut client = join(to, Wire::V4, Carrier::WebSocket)?;
        send(&client, "1")?;
        client.read_to_end(&mut Vec::new()).map(drop)
    }),
    ("0.9, a WebSocket that is dropped", |to| join(to, Wire::Legacy, Carrier::WebSocket).map(drop)),
    ("4.x, a WebSocket that is half closed", |to| {
        let mut client = join(to, Wire::V4, Carrier::WebSocket)?;
        client.shutdown(Shutdown::Write)?;
        client.read_to_end(&mut Vec::new()).map(drop)
    }),
    ("4.x, an upgrade without its end", |to| {
        let sid = session(to)?;
        let client = upgrade(to, &format!("/socket.io/?EIO=4&transport=websocket&sid={sid}"))?;
        send(&client, "2probe")
    }),
    ("4.x, a poll that is left while it waits", |to| {
        let sid = session(to)?;
        poll(to, &format!("/socket.io/?EIO=4&transport=polling&sid={sid}"))
    }),
    ("0.9, a poll that is left while it waits", |to| {
        let (_, line) = ask(to, "GET /socket.io/1/ HTTP/1.1\r\nHost: a\r\n\r\n")?;
        let sid = line.rsplit_once("\r\n").and_then(|(_, line)| line.split_once(':'));
        let sid =
            sid.map(|(sid, _)| sid.to_owned()).ok_or_else(|| io::Error::other(line.clone()))?;
        let path = format!("/socket.io/1/xhr-polling/{sid}");
        handshake(to, &path)?;
        poll(to, &path)
    }),
    ("4.x, half a frame", |to| {
        let mut client = join(to, Wire::V4, Carrier::WebSocket)?;
        client.write_all(b"\x81\xfe\x10\x00\0\0\0\x0042[\"ec")
    }),
    ("half a head", |to| {
        let mut client = TcpStream::connect(to)?;
        client.write_all(b"GET /socket.io/?EIO=4&tra")?;
        client.shutdown(Shutdown::Write)?;
        client.read_to_end(&mut Vec::new()).map(drop)
    }),
    ("4.x, half a body", |to| {
        let sid = session(to)?;
        let head = format!(
            "POST /socket.io/?EIO=4&transport=polling&sid={sid} HTTP/1.1\r\nHost: a\r\n\
             Content-Length: 100\r\n\r\n42[\"echo\""
        );
        TcpStream::connect(to)?.write_all(head.as_bytes())
    }),
];

/// Lets so many clients of each kind come and leave, twice; gives the table.
pub(crate) fn run(each: usize) -> io::Result<String> {
    let server = Served::start("short")?;
    // The tasks of a server at rest, of which one answers this question.
    let [_, rest, heap] = server.left()?;
    let mut table =
        "| clients | each takes, µs | gone after, s | heap, MiB | resident, MiB |\n|---|--:|--:|--:|--:|\n"
            .to_owned();
    let mib = |bytes: usize| bytes as f64 / f64::from(1 << 20);
    let resident = || io::Result::Ok(server.memory()?.rss as f64 / 1024.0);
    let _infallible = writeln!(table, "| none yet | | | {:.2} | {:.1} |", mib(heap), resident()?);
    let mut ends = Vec::new();
    for round in ["first", "again"] {
        for (name, leave) in KINDS {
            let took = all(each, server.address, leave)?;
            let gone = server.settle(rest)?;
            let heap = mib(server.left()?[2]);
            println!("{name}, {round}: {:.1} s, {heap:.2} MiB", took.as_secs_f64());
            let micros = took.as_secs_f64() * 1e6 / each as f64;
            let (gone, resident) = (gone.as_secs_f64(), resident()?);
            let _infallible = writeln!(
                table,
                "| {name}, {round} | {micros:.0} | {gone:.1} | {heap:.2} | {resident:.1} |"
            );
        }
        ends.push(server.left()?[2]);
    }
    let [first, second] = [ends[0], ends[1]];
    if second > first + NOISE {
        return Err(io::Error::other(format!("the heap grew from {first} to {second} bytes")));
    }
    let _infallible = writeln!(
        table,
        "\nThe heap had {first} bytes in use after the first round, {second} after the second."
    );
    Ok(format!("## Clients that leave\n\n{table}"))
}

/// All of one kind, on several threads.
fn all(count: usize, to: SocketAddr, leave: Leave) -> io::Result<Duration> {
    let (started, next) = (Instant::now(), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        let threads = (0..THREADS).map(|_| {
            scope.spawn(|| {
                while next.fetch_add(1, Relaxed) < count {
                    leave(to)?;
                }
                Ok(())
            })
        });
        let threads: Vec<_> = threads.collect();
        threads.into_iter().try_for_each(|thread| {
            thread.join().unwrap_or_else(|_| Err(io::Error::other("a thread panicked")))
        })
    })?;
    Ok(started.elapsed())
}

/// Sends a request and reads the first of its answer.
fn ask(to: SocketAddr, request: &str) -> io::Result<(TcpStream, String)> {
    let mut stream = TcpStream::connect(to)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    stream.write_all(request.as_bytes())?;
    let mut space = [0; 2048];
    let count = stream.read(&mut space)?;
    let answer = String::from_utf8_lossy(&space[..count]).into_owned();
    Ok((stream, answer))
}

fn handshake(to: SocketAddr, path: &str) -> io::Result<()> {
    let (_, answer) = ask(to, &format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n"))?;
    answer.starts_with("HTTP/1.1 200").then_some(()).ok_or_else(|| io::Error::other(answer))
}

/// A session that polls.
fn session(to: SocketAddr) -> io::Result<String> {
    let request = "GET /socket.io/?EIO=4&transport=polling HTTP/1.1\r\nHost: a\r\n\r\n";
    let (_, answer) = ask(to, request)?;
    let sid = answer.split_once("\"sid\":\"").and_then(|(_, rest)| rest.split_once('"'));
    sid.map(|(sid, _)| sid.to_owned()).ok_or_else(|| io::Error::other(answer.clone()))
}

/// Asks for what is not there yet, and leaves.
fn poll(to: SocketAddr, path: &str) -> io::Result<()> {
    TcpStream::connect(to)?.write_all(format!("GET {path} HTTP/1.1\r\nHost: a\r\n\r\n").as_bytes())
}

fn upgrade(to: SocketAddr, path: &str) -> io::Result<TcpStream> {
    let request = format!(
        "GET {path} HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
         Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    );
    let (stream, answer) = ask(to, &request)?;
    if answer.starts_with("HTTP/1.1 101") { Ok(stream) } else { Err(io::Error::other(answer)) }
}

fn send(mut stream: &TcpStream, packet: &str) -> io::Result<()> {
    let mut frame = Vec::new();
    put_masked(&mut frame, 1, packet.as_bytes());
    stream.write_all(&frame)
}
