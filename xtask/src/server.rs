//! A server under test: a process that lives no longer than the value.
//!
//! In: a command that serves on a port of its own choice and prints its address as the first line.
//! Out: the address. Started by the client tests.

use std::io::{BufRead as _, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Sender};
use std::thread;
use std::time::Duration;

use crate::step::not_started;

/// How long a server may take to print its address.
const START_TIMEOUT: Duration = Duration::from_secs(30);

/// A running server; dropping it ends the process.
pub(crate) struct Server {
    process: Child,
    address: String,
}

impl Server {
    /// Starts a server and waits for its address.
    ///
    /// # Errors
    ///
    /// When it does not start, ends, or prints something else.
    pub(crate) fn start(command: &mut Command) -> Result<Self, String> {
        let command = command.stdin(Stdio::null()).stdout(Stdio::piped());
        let process = command.spawn().map_err(|error| not_started(command, &error))?;
        let mut server = Self { process, address: String::new() };
        let (first_line, receiver) = mpsc::channel();
        if let Some(stdout) = server.process.stdout.take() {
            thread::spawn(move || forward(stdout, &first_line));
        }
        let line = receiver.recv_timeout(START_TIMEOUT).unwrap_or_default();
        match line.split_whitespace().next_back().filter(|word| word.starts_with("http")) {
            Some(address) => address.clone_into(&mut server.address),
            None => return Err(format!("{command:?} printed no address, but {line:?}")),
        }
        Ok(server)
    }

    /// Where it serves, as in `http://127.0.0.1:3000`.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ended_already = self.process.kill();
        let _reaped = self.process.wait();
    }
}

/// Hands on the first line, and prints the others.
fn forward(output: impl Read, first_line: &Sender<String>) {
    let mut lines = BufReader::new(output).lines().map_while(Result::ok);
    if let Some(line) = lines.next() {
        let _gave_up_waiting = first_line.send(line);
    }
    lines.for_each(|line| println!("{line}"));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(script: &str) -> Result<String, String> {
        let server = Server::start(Command::new("sh").args(["-c", script]))?;
        Ok(server.address().to_owned())
    }

    #[test]
    fn the_address_is_what_the_first_line_ends_with() {
        for (line, expected) in [
            ("http://127.0.0.1:3000", "http://127.0.0.1:3000"),
            ("Chat: http://127.0.0.1:3000", "http://127.0.0.1:3000"),
            ("TLS: https://127.0.0.1:3000", "https://127.0.0.1:3000"),
        ] {
            let address = start(&format!("echo '{line}'; echo more; exec sleep 600"));
            assert_eq!(address.as_deref(), Ok(expected));
        }
    }

    #[test]
    fn a_server_that_ends_without_an_address_is_an_error() {
        for script in ["exit 1", "echo sorry"] {
            assert!(start(script).is_err(), "{script}");
        }
    }
}
