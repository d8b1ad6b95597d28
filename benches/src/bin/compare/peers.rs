//! The servers that are measured, and how each is started.
//!
//! In: the folder of our programs; from the environment `PEER_SOCKETIOXIDE` (its program), `PEER_NODE`,
//! `PEER_BUN` and `PEER_PYTHON` (interpreters; those of Node.js packages are in `peers/node`). What is not
//! named there is left out. Out: running processes that end with their value.

use std::env;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Stdio};

use socketio_benches::wire::Wire;

use crate::machine::{SERVER_CORE, on_core, version};

/// A server to measure.
pub(crate) struct Peer {
    /// As in tables.
    pub(crate) name: &'static str,
    /// What it is, exactly.
    pub(crate) version: String,
    command: Vec<String>,
    /// Which clients it serves.
    pub(crate) wires: &'static [Wire],
}

/// The lower bound.
pub(crate) const BOUND: &str = "bound";
/// The same, reading arguments as JSON.
pub(crate) const CHECKED: &str = "bound, checked";
/// Our server on tokio's runtime with several threads.
pub(crate) const OURS: &str = "socketio-core";
/// The same on the current-thread runtime.
pub(crate) const OURS_CURRENT: &str = "socketio-core, current-thread";
/// The peer in Rust.
pub(crate) const OXIDE: &str = "socketioxide";
/// The reference.
pub(crate) const NODE: &str = "socket.io 4, Node.js";
/// The same on another interpreter.
pub(crate) const BUN: &str = "socket.io 4, Bun";
/// The reference of older wires.
pub(crate) const NODE_2: &str = "socket.io 2, Node.js";
/// As above.
pub(crate) const NODE_0: &str = "socket.io 0.9, Node.js";
/// The peer in Python.
pub(crate) const PYTHON: &str = "python-socketio";

const ALL_WIRES: &[Wire] = &[Wire::Legacy, Wire::V2, Wire::V4];

/// All that can be started here.
pub(crate) fn all(programs: &Path) -> Vec<Peer> {
    let scripts = Path::new(env!("CARGO_MANIFEST_DIR")).join("peers");
    let program = |name: &str| programs.join(name).display().to_string();
    let script = |name: &str| scripts.join(name).display().to_string();
    let ours = format!("socketio-core {}", env!("CARGO_PKG_VERSION"));
    let by_hand = || "benches/src/bin/bound".to_owned();
    let mut peers = vec![
        peer(BOUND, by_hand(), vec![program("bound")], &[Wire::V4]),
        peer(CHECKED, by_hand(), vec![program("bound"), "checked".into()], &[Wire::V4]),
        peer(OURS, ours.clone(), vec![program("ours")], ALL_WIRES),
        peer(OURS_CURRENT, ours, vec![program("ours"), "current".into()], ALL_WIRES),
    ];
    if let Ok(oxide) = env::var("PEER_SOCKETIOXIDE") {
        let modern = &[Wire::V2, Wire::V4];
        peers.push(peer(OXIDE, locked(&scripts, "socketioxide"), vec![oxide], modern));
    }
    let node_package = |name: &str| {
        let path = scripts.join("node/node_modules").join(name).join("package.json");
        let text = std::fs::read_to_string(path).unwrap_or_default();
        let package: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
        package["version"].as_str().unwrap_or("?").to_owned()
    };
    let mut javascript = |name, interpreter: &str, file: &str, package: &str, wires| {
        if let Ok(interpreter) = env::var(interpreter) {
            let version =
                format!("socket.io {} on {}", node_package(package), version(&interpreter));
            peers.push(peer(name, version, vec![interpreter, script(file)], wires));
        }
    };
    javascript(NODE, "PEER_NODE", "node/v4.mjs", "socket.io", &[Wire::V4]);
    javascript(BUN, "PEER_BUN", "node/v4-bun.mjs", "socket.io", &[Wire::V4]);
    javascript(NODE_2, "PEER_NODE", "node/v2.cjs", "socket.io-2", &[Wire::V2]);
    javascript(NODE_0, "PEER_NODE", "node/v0.cjs", "socket.io-0", &[Wire::Legacy]);
    if let Ok(python) = env::var("PEER_PYTHON") {
        let wanted = std::fs::read_to_string(scripts.join("python/requirements.txt"));
        let wanted = wanted.unwrap_or_default();
        let of = |package| wanted.lines().find(|line| line.starts_with(package)).unwrap_or("?");
        let (server, web) = (of("python-socketio="), of("aiohttp="));
        let version = format!("{server}, {web} on {}", version(&python)).replace("==", " ");
        let command = vec![python, script("python/server.py")];
        peers.push(peer(PYTHON, version, command, &[Wire::V4]));
    }
    peers
}

fn peer(name: &'static str, version: String, command: Vec<String>, wires: &'static [Wire]) -> Peer {
    Peer { name, version, command, wires }
}

/// The version of a package in the lock file beside its peer.
fn locked(scripts: &Path, package: &str) -> String {
    let lock = std::fs::read_to_string(scripts.join(package).join("Cargo.lock"));
    let lock = lock.unwrap_or_default();
    let entry = lock.split_once(&format!("name = \"{package}\"\nversion = \""));
    let version = entry.and_then(|(_, rest)| rest.split('"').next()).unwrap_or("?");
    format!("{package} {version}")
}

/// A server that runs until its value is dropped.
pub(crate) struct Running {
    process: Child,
    address: String,
}

impl Running {
    /// Starts a server on its core and waits for its address.
    pub(crate) fn start(peer: &Peer) -> Result<Self, crate::AnyError> {
        let [program, args @ ..] = peer.command.as_slice() else { return Err("no command".into()) };
        let mut command = on_core(SERVER_CORE, program);
        command.args(args).env("NODE_ENV", "production").stdout(Stdio::piped());
        let process = command.spawn()?;
        let mut running = Self { process, address: String::new() };
        let output = running.process.stdout.take().ok_or("no output")?;
        let mut line = String::new();
        BufReader::new(output).read_line(&mut line)?;
        let address = line.trim().strip_prefix("http://").ok_or("the server did not start")?;
        address.clone_into(&mut running.address);
        Ok(running)
    }

    /// Where it listens.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// Its process.
    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ended_already = self.process.kill();
        let _reaped = self.process.wait();
    }
}
