//! The server that is worn down, in a process of its own, and what it says of itself.
//!
//! In: whether clients that are gone are noticed within seconds. Out: its address, as the one line it prints, and at
//! `/left` what it has: sessions, tasks of the runtime, bytes of its heap. [`Served`] starts and asks it.

use std::alloc::System;
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use axum::routing::get;
use cap::Cap;
use socketio_benches::load::Target;
use socketio_benches::process::{Memory, memory};
use socketio_core::{SocketIo, prelude::*};
use tokio::net::TcpListener;
use tokio::runtime::Handle;

/// How long a handler blocks its thread.
pub(crate) const BLOCKED: Duration = Duration::from_secs(30);

/// How long a handler waits before it answers.
pub(crate) const THOUGHT: Duration = Duration::from_secs(2);

/// How often there is something new.
const NEWS: Duration = Duration::from_millis(100);

/// How long a server may take to forget who has left: the longest deadline of a session, and as much again.
const PATIENCE: Duration = Duration::from_secs(120);

/// Counts what is in use: what the system has given and may get back says little.
#[global_allocator]
static HEAP: Cap<System> = Cap::new(System, usize::MAX);

#[derive(Default)]
struct Peer;

#[socket_connection]
impl Peer {
    #[event]
    fn echo(&self, text: String) -> String {
        text
    }

    #[event]
    fn join(&self, socket: &Socket, rooms: u32) {
        (0..rooms).for_each(|room| socket.join(format!("room {room}")));
    }

    #[event]
    async fn think(&self) {
        tokio::time::sleep(THOUGHT).await;
    }

    /// What no handler should do.
    #[event]
    fn block(&self) {
        std::thread::sleep(BLOCKED);
    }
}

/// Tells those in the room something, all the time.
async fn tell_news(io: SocketIo) {
    let mut news = tokio::time::interval(NEWS);
    loop {
        news.tick().await;
        let _nobody_is_there = io.to("room 0").emit("news", "nothing new");
    }
}

/// Serves until the process is ended.
pub(crate) fn serve(short: bool) -> io::Result<()> {
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    runtime.worker_threads(2).enable_all().build()?.block_on(async {
        let mut builder = SocketIo::builder::<Peer>();
        if short {
            let seconds = Duration::from_secs;
            builder = builder
                .ping_interval(seconds(2))
                .ping_timeout(seconds(2))
                .connect_timeout(seconds(4))
                .upgrade_timeout(seconds(2))
                .session_expiry(seconds(4))
                .heartbeat_interval(seconds(2))
                .polling_timeout(seconds(3))
                .heartbeat_timeout(seconds(4))
                .close_timeout(seconds(4));
        }
        let io = builder.build();
        tokio::spawn(tell_news(io.clone()));
        let left = io.clone();
        let left = async move || {
            let tasks = Handle::current().metrics().num_alive_tasks();
            format!("[{},{tasks},{}]", left.sessions(), HEAP.allocated())
        };
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        println!("{}", listener.local_addr()?);
        io.serve(listener, axum::Router::new().route("/left", get(left))).await
    })
}

/// A server in a process that ends with this value.
pub(crate) struct Served {
    process: Child,
    pub(crate) address: SocketAddr,
}

impl Served {
    pub(crate) fn start(timeouts: &str) -> io::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        let mut process = command.args(["serve", timeouts]).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        if let Some(stdout) = process.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        let address = line.trim().parse().map_err(|_| io::Error::other("it does not start"))?;
        Ok(Self { process, address })
    }

    pub(crate) fn target(&self) -> Target {
        Target { address: self.address, pid: self.process.id() }
    }

    pub(crate) fn memory(&self) -> io::Result<Memory> {
        memory(self.process.id())
    }

    /// How the process ended, which was told to.
    pub(crate) fn ended(&mut self) -> io::Result<ExitStatus> {
        self.process.wait()
    }

    /// Sessions, tasks, and bytes of the heap.
    pub(crate) fn left(&self) -> io::Result<[usize; 3]> {
        let mut stream = TcpStream::connect(self.address)?;
        stream.write_all(b"GET /left HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        let body = answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned());
        let left = body.and_then(|body| serde_json::from_str(&body).ok());
        left.ok_or_else(|| io::Error::other(format!("what is left? {answer}")))
    }

    /// Waits until no session is left, and no more tasks than there were.
    pub(crate) fn settle(&self, tasks: usize) -> io::Result<Duration> {
        let started = Instant::now();
        loop {
            let left = self.left()?;
            if left[0] == 0 && left[1] <= tasks {
                return Ok(started.elapsed());
            }
            if started.elapsed() > PATIENCE {
                let [sessions, tasks, _] = left;
                return Err(io::Error::other(format!(
                    "{sessions} sessions and {tasks} tasks are left after {PATIENCE:?}"
                )));
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ended_already = self.process.kill();
        let _reaped = self.process.wait();
    }
}
