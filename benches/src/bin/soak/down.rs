//! A server with ten thousand clients that is told to stop while it has something to answer to each.

use std::io;
use std::process::Command;
use std::time::Instant;

use socketio_benches::frame::{Frame, put_masked};
use socketio_benches::load::{Carrier, join};
use socketio_benches::wire::Wire;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

use crate::served::{Served, THOUGHT};

const CLIENTS: usize = 10_000;

/// What a client has seen: whether it was answered, how it was closed, and when.
struct Seen {
    acked: bool,
    code: Option<u16>,
    at: Instant,
}

/// Tells it to; gives what came of it.
pub(crate) fn run() -> io::Result<String> {
    let mut server = Served::start("default")?;
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| join(server.address, Wire::V4, Carrier::WebSocket))
        .collect::<io::Result<_>>()?;
    let runtime = tokio::runtime::Runtime::new()?;
    let (told, mut seen) = runtime.block_on(async {
        let mut watched = JoinSet::new();
        for client in clients {
            client.set_nonblocking(true)?;
            watched.spawn(watch(TcpStream::from_std(client)?));
        }
        // All have asked, and nobody is answered yet.
        tokio::time::sleep(THOUGHT / 2).await;
        let told = Instant::now();
        let pid = server.target().pid.to_string();
        Command::new("kill").args(["-TERM", &pid]).status()?;
        let seen: io::Result<Vec<_>> = watched.join_all().await.into_iter().collect();
        io::Result::Ok((told, seen?))
    })?;
    let ended = server.ended()?;
    let took = told.elapsed();
    seen.sort_by_key(|seen| seen.at);
    let acked = seen.iter().filter(|seen| seen.acked).count();
    let away = seen.iter().filter(|seen| seen.code == Some(1001)).count();
    if (acked, away) != (CLIENTS, CLIENTS) || !ended.success() {
        return Err(io::Error::other(format!("{acked} were answered, {away} sent away; {ended}")));
    }
    let at = |share: usize| seen[(CLIENTS - 1) * share / 100].at.duration_since(told).as_secs_f64();
    Ok(format!(
        "## A server that stops\n\n{CLIENTS} clients of 4.x ask for something that takes {THOUGHT:?}; after half of that the \
         server is told to stop. All were answered and then sent away (1001): the first after {:.1} s, a quarter after {:.1}, \
         half after {:.1}, three quarters after {:.1}, the last after {:.1}. The process had ended after {:.1} s.\n",
        at(0),
        at(25),
        at(50),
        at(75),
        at(100),
        took.as_secs_f64(),
    ))
}

/// A client that asks, and waits for what becomes of it.
async fn watch(mut client: TcpStream) -> io::Result<Seen> {
    let (mut frame, mut bytes) = (Vec::new(), Vec::new());
    put_masked(&mut frame, 1, br#"420["think"]"#);
    client.write_all(&frame).await?;
    let (mut acked, mut code) = (false, None);
    while client.read_buf(&mut bytes).await? > 0 {
        while let Some(Frame { opcode, payload, .. }) = Frame::first(&bytes) {
            let end = payload.end;
            let payload = &bytes[payload];
            match opcode {
                1 => acked |= payload.starts_with(b"430"),
                8 => {
                    code = payload.first_chunk().map(|code| u16::from_be_bytes(*code));
                    frame.clear();
                    put_masked(&mut frame, 8, payload);
                    client.write_all(&frame).await?;
                }
                _ => {}
            }
            bytes.drain(..end);
        }
    }
    Ok(Seen { acked, code, at: Instant::now() })
}
