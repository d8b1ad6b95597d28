//! The tests with clients of other languages: the official ones of all generations in Node.js and in a
//! browser, python-socketio's, and the example pages.
//!
//! Builds and starts the servers that the tests are for, each on a free port, installs the packages of
//! `tests/clients`, and runs every `*.test.mjs` there, then what is in Python. The servers end with the
//! run, however it ends.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::chromium;
use crate::python;
use crate::server::Server;
use crate::step::{built_dir, cargo, root, run};

/// The programs that the tests are for, each with the variable that tells them its address.
const SERVERS: [(&str, &str); 13] = [
    ("interop", "INTEROP_URL"),
    ("test-server", "TEST_URL"),
    ("chat", "CHAT_URL"),
    ("board", "BOARD_URL"),
    ("ack_ping", "ACK_PING_URL"),
    ("rpc_ping", "RPC_PING_URL"),
    ("multiplexed", "MULTIPLEXED_URL"),
    ("queued", "QUEUED_URL"),
    ("transports", "TRANSPORTS_URL"),
    ("cross_site", "CROSS_SITE_URL"),
    ("tls", "TLS_URL"),
    ("stats", "STATS_URL"),
    ("whoami", "WHOAMI_URL"),
];

/// Runs the tests of all clients.
pub(crate) fn test() -> Result<(), String> {
    let built = &built_dir()?;
    let dir = root().join("tests/clients");
    require("node")?;
    require("npm")?;
    let chromium = chromium::find()?;
    install(&dir)?;
    let pythons = python::install(&dir, built)?;
    run("Servers", &mut cargo(&["build", "--workspace", "--bins"]), "Mend what does not compile.")?;
    let mut node = Command::new("node");
    node.args(["--test", "--test-reporter=spec"])
        .current_dir(&dir)
        .env("CHROMIUM", absolute(&chromium)?)
        .env("INTEROP", built.join("interop"))
        .env("RUST_CLIENT", built.join("rust-client"))
        .env("PACKETS", built.join("packets"));
    let mut running = Vec::new();
    for (program, variable) in SERVERS {
        let packages = dir.join("node_modules");
        let client = packages.join("socket.io-client");
        let mut command = Command::new(built.join(program));
        let server = Server::start(
            command
                .env("PORT", "0")
                .env("SOCKET_IO_CLIENT", client)
                .env("SOCKET_IO_CLIENTS", packages),
        )?;
        node.env(variable, server.address());
        running.push(server);
    }
    if let Some(pictures) = env::var_os("SCREENSHOTS") {
        node.env("SCREENSHOTS", absolute(pictures.as_ref())?);
    }
    run("Client tests", &mut node, "What the failing tests expected is shown above.")?;
    let interop = running.first().map(Server::address).unwrap_or_default();
    pythons.iter().try_for_each(|python| python::test(python, &dir, interop))
}

/// The same path for a program that runs in another folder.
fn absolute(path: &Path) -> Result<PathBuf, String> {
    std::path::absolute(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// Makes sure that a program can be started.
fn require(program: &str) -> Result<(), String> {
    let version = Command::new(program).arg("--version").stdout(Stdio::null()).status();
    if version.is_ok_and(|status| status.success()) {
        Ok(())
    } else {
        Err(format!(
            "`{program}` is missing: the client tests need Node.js 20 or later with npm. \
             `cargo xtask test rust` does without."
        ))
    }
}

/// Installs what the lock file names, unless that is there already.
fn install(dir: &Path) -> Result<(), String> {
    let changed = |file: &str| fs::metadata(dir.join(file)).and_then(|file| file.modified()).ok();
    if changed("node_modules/.package-lock.json") > changed("package-lock.json") {
        return Ok(());
    }
    run(
        "npm packages",
        Command::new("npm")
            .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
            .current_dir(dir),
        "npm must reach its registry, and `package-lock.json` fit `package.json`.",
    )
}
