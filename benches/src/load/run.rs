//! One scenario from the first client to the last figure.
//!
//! In: a [`Scenario`] and a [`Target`]. Out: a [`Measurement`].

use std::io;
use std::time::{Duration, Instant};

use mio::{Events, Poll};

use super::clients::{Client, Outgoing};
use super::connect::{connect, connect_and_leave};
use super::work::Loops;
use super::{Measurement, Scenario, Target, Work};
use crate::process::{cpu, memory};
use crate::wire::Incoming;

/// What is read at once.
const READ_BYTES: usize = 256 * 1024;
/// How often clients of Socket.IO 1 and 2 say that they are alive: as servers tell them to by default.
const BEAT: Duration = Duration::from_secs(25);
/// The longest sleep of the loop, so that it sees the end of the measurement in time.
const NAP: Duration = Duration::from_millis(2);
/// Quantiles that are reported.
const QUANTILES: [f64; 12] =
    [0.0, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.995, 0.999, 0.9999, 1.0];

/// Runs a scenario.
///
/// # Errors
///
/// When the server does not do what it should, or leaves.
pub fn run(scenario: &Scenario, target: Target) -> io::Result<Measurement> {
    let before = memory(target.pid)?;
    let mut run = Run::set_up(scenario, target)?;
    run.until(scenario.warm_up)?;
    run.loops.start_counting();
    let (started, server, own) = (Instant::now(), cpu(target.pid)?, cpu(std::process::id())?);
    run.until(scenario.seconds)?;
    // Threads that have ended are in it no more.
    let since = |pid, before| io::Result::Ok(cpu(pid)?.saturating_sub(before));
    let (server, own) = (since(target.pid, server)?, since(std::process::id(), own)?);
    let loops = &run.loops;
    let latency = |at: &f64| (*at, loops.latencies.value_at_quantile(*at));
    Ok(Measurement {
        messages: loops.count,
        seconds: started.elapsed().as_secs_f64(),
        server_cpu: server.as_secs_f64(),
        load_cpu: own.as_secs_f64(),
        memory: [before, memory(target.pid)?],
        latency: QUANTILES.iter().map(latency).collect(),
    })
}

struct Run {
    scenario: Scenario,
    target: Target,
    poll: Poll,
    events: Events,
    clients: Vec<Client>,
    messages: Vec<Outgoing>,
    loops: Loops,
    space: Vec<u8>,
    /// The client that says next that it is alive, and when.
    beat: (usize, Instant),
}

impl Run {
    /// Connects all clients and starts the loop.
    fn set_up(scenario: &Scenario, target: Target) -> io::Result<Self> {
        let loops = Loops::new(scenario, Instant::now());
        let mut run = Self {
            scenario: scenario.clone(),
            target,
            poll: Poll::new()?,
            events: Events::with_capacity(1024),
            clients: Vec::new(),
            messages: loops.messages(),
            loops,
            space: vec![0; READ_BYTES],
            beat: (0, Instant::now()),
        };
        if scenario.work == Work::Connect {
            return Ok(run);
        }
        for index in 0..scenario.clients {
            let connected = connect(target.address, scenario.wire, scenario.carrier)?;
            let registry = run.poll.registry();
            run.clients.push(Client::new(connected, scenario.wire, registry, index)?);
            if index % 256 == 255 {
                // Heartbeats come for those who wait for the others.
                run.turn(Duration::ZERO)?;
            }
        }
        if scenario.rooms > 0 {
            run.enter_rooms()?;
        }
        run.loops.start(Instant::now());
        Ok(run)
    }

    /// Lets every client enter its rooms, and waits until all are in.
    fn enter_rooms(&mut self) -> io::Result<()> {
        let rooms = self.scenario.rooms.to_string();
        let join = Outgoing::new(self.scenario.wire.event(Some(0), "join", &rooms));
        for client in &mut self.clients {
            client.send(&join);
            client.flush()?;
        }
        let mut outside = self.clients.len();
        while outside > 0 {
            self.poll(NAP, |_, _, incoming, _| {
                outside -= usize::from(matches!(incoming, Incoming::Ack(..)));
            })?;
        }
        Ok(())
    }

    fn until(&mut self, seconds: f64) -> io::Result<()> {
        let until = Instant::now() + Duration::from_secs_f64(seconds);
        while Instant::now() < until {
            if self.scenario.work == Work::Connect {
                let started = Instant::now();
                connect_and_leave(self.target.address, self.scenario.wire)?;
                self.loops.record(started.elapsed());
                continue;
            }
            let due = self.loops.handle_time(Instant::now())?;
            self.send()?;
            self.turn(due.unwrap_or(NAP).min(NAP))?;
            self.beat()?;
        }
        Ok(())
    }

    /// Waits for something to come, handles it and sends what is next.
    fn turn(&mut self, nap: Duration) -> io::Result<()> {
        self.poll(nap, Loops::handle)?;
        self.send()
    }

    fn poll(
        &mut self,
        nap: Duration,
        mut take: impl FnMut(&mut Loops, usize, &Incoming<'_>, Instant),
    ) -> io::Result<()> {
        // The kernel's clock for this ticks in milliseconds, and would sleep through what is due before.
        let nap = if nap < Duration::from_millis(1) { Duration::ZERO } else { nap };
        match self.poll.poll(&mut self.events, Some(nap)) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => return Ok(()),
            polled => polled?,
        }
        for event in &self.events {
            let (token, index) = (event.token().0, event.token().0 / 2);
            let Some(client) = self.clients.get_mut(index) else { continue };
            if event.is_readable() || client.has_input() {
                let now = Instant::now();
                let loops = &mut self.loops;
                client
                    .read(token, &mut self.space, |incoming| take(loops, index, &incoming, now))?;
                // A client's own answers leave at once, as they would from a machine of its own.
                while let Some((_, message)) = loops.next.pop_if(|(to, _)| *to == index) {
                    client.send(&self.messages[message]);
                }
            }
            client.flush()?;
        }
        Ok(())
    }

    fn send(&mut self) -> io::Result<()> {
        for (client, message) in self.loops.next.drain(..) {
            let client = &mut self.clients[client];
            client.send(&self.messages[message]);
            client.flush()?;
        }
        Ok(())
    }

    /// Lets those clients say that they are alive whose turn it is.
    fn beat(&mut self) -> io::Result<()> {
        let interval = BEAT / u32::try_from(self.clients.len()).unwrap_or(u32::MAX).max(1);
        while self.beat.1 <= Instant::now() {
            let (index, at) = self.beat;
            self.beat = ((index + 1) % self.clients.len().max(1), at + interval);
            if let Some(client) = self.clients.get_mut(index) {
                client.beat()?;
            }
        }
        Ok(())
    }
}
