//! Ten thousand clients that stay and work, while handlers block their threads.

use std::fmt::Write as _;
use std::io;
use std::time::{Duration, Instant};

use socketio_benches::frame::put_masked;
use socketio_benches::load::{Carrier, Measurement, Scenario, Work, join, run as measure};
use socketio_benches::wire::Wire;

use crate::served::{BLOCKED, Served};

/// Who they are, and what they do: messages each second by all of a kind together. Who
/// echoes is in a room, too, to which something is told ten times a second.
fn kinds(seconds: f64) -> [(&'static str, Scenario); 5] {
    let kind = |work, wire, carrier, clients, rate| Scenario {
        work,
        wire,
        carrier,
        clients,
        rate,
        rooms: usize::from(rate > 0),
        warm_up: 1.0,
        seconds,
        ..Scenario::default()
    };
    let socket = Carrier::WebSocket;
    [
        ("4.x, heartbeats alone", kind(Work::Idle, Wire::V4, socket, 8_000, 0)),
        ("0.9, heartbeats alone", kind(Work::Idle, Wire::Legacy, socket, 1_000, 0)),
        ("4.x, echo", kind(Work::Echo, Wire::V4, socket, 600, 2_000)),
        ("2.x, echo", kind(Work::Echo, Wire::V2, socket, 250, 500)),
        ("0.9, echo by polling", kind(Work::Echo, Wire::Legacy, Carrier::Polling, 150, 100)),
    ]
}

/// Lets them work for so long; gives the table.
pub(crate) fn run(time: Duration) -> io::Result<String> {
    let server = Served::start("default")?;
    let rest = server.left()?[1];
    let target = server.target();
    let ends = Instant::now() + time;
    let measured: Vec<(&str, Measurement, usize)> = std::thread::scope(|scope| {
        let kinds = kinds(time.as_secs_f64()).map(|(name, scenario)| {
            let clients = scenario.clients;
            scope.spawn(move || Ok((name, measure(&scenario, target)?, clients)))
        });
        let blocked = scope.spawn(|| block(&server, ends));
        let kinds = kinds
            .into_iter()
            .map(|kind| kind.join().unwrap_or_else(|_| Err(io::Error::other("a thread panicked"))));
        let measured: io::Result<Vec<_>> = kinds.collect();
        blocked.join().unwrap_or_else(|_| Err(io::Error::other("a thread panicked")))?;
        measured
    })?;
    let memory = server.memory()?.rss;
    let gone = server.settle(rest)?;
    let mut table =
        "| clients | messages | median, ms | p99, ms | longest, ms |\n|---|--:|--:|--:|--:|\n"
            .to_owned();
    for (name, measured, clients) in &measured {
        let ms = |quantile| measured.latency(quantile) as f64 / 1e3;
        let [median, high, longest] = [ms(0.5), ms(0.99), ms(1.0)];
        let messages = measured.messages;
        let latencies = match longest {
            0.0 => "| |".to_owned(),
            _ => format!("{median:.1} | {high:.1} | {longest:.0}"),
        };
        let _infallible = writeln!(table, "| {clients} of {name} | {messages} | {latencies} |");
    }
    let minutes = time.as_secs_f64() / 60.0;
    Ok(format!(
        "## Clients that stay\n\n{table}\nFor {minutes:.0} minutes, in each of which a handler blocks one of two threads \
         for {} s. Memory at the end: {:.0} MiB. None was lost; {:.1} s after the last had left, no session and no \
         task was there.\n",
        BLOCKED.as_secs(),
        memory as f64 / 1024.0,
        gone.as_secs_f64(),
    ))
}

/// Has a thread blocked half of the time.
fn block(server: &Served, ends: Instant) -> io::Result<()> {
    use io::Write as _;
    while Instant::now() + BLOCKED < ends {
        let mut client = join(server.address, Wire::V4, Carrier::WebSocket)?;
        let mut frame = Vec::new();
        put_masked(&mut frame, 1, br#"42["block"]"#);
        client.write_all(&frame)?;
        std::thread::sleep(2 * BLOCKED);
    }
    Ok(())
}
