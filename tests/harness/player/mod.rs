//! Plays the steps of a session against a server, and reports the first thing that is not as expected.
//!
//! In: an address, a [`Dialect`], a [`Script`]. Out: nothing, or a [`Failure`] that names case and
//! step. Called by the runner for recorded cases, and by tests with steps of their own. It knows
//! nothing of the server but its address.
//!
//! Nothing is shown by waiting. What must come is awaited; that nothing else came is proven by the
//! echo of a message that was sent afterwards (`sockets`), and that an opened poll has arrived by the
//! fate of a second one (`polls`). That a server never answers cannot be shown, so such a step fails.
//!
//! `$SID`, or `$NAME` for a handshake `as` `NAME`, stands for a session id in paths, headers, bodies
//! and frames.

mod polls;
mod raw;
mod sockets;

use std::{collections::BTreeMap, fmt, io, net::SocketAddr, time::Duration};

use crate::{
    connection::is_gone,
    expectation::{Dialect, ID, Mismatch, check_response},
    http::{self, Response},
    script::{Answer, Handshake, Headers, Request, Script, Step},
};

/// Where the server under test listens.
#[derive(Debug, Clone, Copy)]
pub struct Target {
    /// HTTP and WebSocket.
    pub http: SocketAddr,
    /// The Flash policy server, if there is one.
    pub policy: Option<SocketAddr>,
}

impl From<SocketAddr> for Target {
    fn from(http: SocketAddr) -> Self {
        Self { http, policy: None }
    }
}

/// The first step that did not go as expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The id of the case.
    pub case: String,
    /// The step, counted from 1.
    pub step: usize,
    /// The operation of the step.
    pub op: &'static str,
    /// What should have come.
    pub expected: String,
    /// What came.
    pub got: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { case, step, op, expected, got } = self;
        write!(f, "{case}, step {step} ({op}): expected {expected}, got {got}")
    }
}

/// Plays a script; `case` is its name in the failure.
///
/// # Errors
/// When a step does not go as expected; later steps are not played.
pub async fn play(
    target: Target,
    dialect: &Dialect,
    case: &str,
    script: &Script,
) -> Result<(), Failure> {
    let mut player = Player {
        target,
        dialect,
        names: Names::default(),
        polls: polls::Polls::default(),
        sockets: sockets::Sockets::default(),
        raws: raw::Raws::default(),
    };
    for (index, step) in script.steps.iter().enumerate() {
        player.play(step).await.map_err(|Mismatch { expected, got }| Failure {
            case: case.to_owned(),
            step: index + 1,
            op: step.op(),
            expected,
            got,
        })?;
    }
    Ok(())
}

struct Player<'a> {
    target: Target,
    dialect: &'a Dialect,
    names: Names,
    polls: polls::Polls,
    sockets: sockets::Sockets,
    raws: raw::Raws,
}

impl Player<'_> {
    async fn play(&mut self, step: &Step) -> Result<(), Mismatch> {
        let Self { target, dialect, names, polls, sockets, raws } = self;
        match step {
            Step::Handshake(handshake) => self.handshake(handshake).await,
            Step::Request(request) => self.request(request).await,
            Step::Open { name, path, headers } => {
                let path = names.fill(path);
                polls.open(target.http, dialect, name, path, &names.fill_headers(headers)).await
            }
            Step::Await { name, expect, .. } => {
                let expect = names.fill_answer(expect)?;
                check_answer(&expect, polls.take(name)?.response().await, dialect).map(drop)
            }
            Step::Abort { name } => polls.take(name)?.abort().await.map_err(broke("the end")),
            Step::WsOpen(open) => sockets.open(target.http, dialect, names, open).await,
            Step::WsSend(send) => sockets.send(names, send).await,
            Step::WsRaw { name, hex } => sockets.send_bytes(name, &hex.0).await,
            Step::WsRecv(receive) => sockets.receive(names, receive).await,
            Step::WsRecvRaw { name, expect_prefix_hex, expect_total_bytes, .. } => {
                sockets.receive_bytes(name, &expect_prefix_hex.0, *expect_total_bytes).await
            }
            Step::RawOpen { name, text, tail_hex, port } => {
                let address = if port.is_some() { target.policy } else { Some(target.http) };
                let address =
                    address.ok_or_else(|| Mismatch::new("a Flash policy server", "none"))?;
                let bytes = [names.fill(text).as_bytes(), &tail_hex.0].concat();
                raws.open(address, name, &bytes).await
            }
            Step::RawSend { name, hex } => raws.send(name, &hex.0).await,
            Step::RawRecv { name, expect_text_latin1, expect_closed, .. } => {
                raws.receive(name, &names.fill(expect_text_latin1), *expect_closed).await
            }
            Step::Sleep { milliseconds } => {
                tokio::time::sleep(Duration::from_millis(*milliseconds)).await;
                Ok(())
            }
        }
    }

    async fn handshake(&mut self, step: &Handshake) -> Result<(), Mismatch> {
        let path = format!("/socket.io/1/{}", step.query);
        let headers = pairs(&step.headers);
        let response = http::request(self.target.http, &step.method, &path, &headers, b"").await;
        let id = match &step.expect {
            Some(expect) => {
                let mut expect = expect.clone();
                expect.body = expect.body.map(|body| body.replace("$SID", &ID.to_string()));
                check_answer(&expect, response, self.dialect)?
            }
            None => {
                let response = response.map_err(broke("a handshake"))?;
                check_response(&Answer::with_status(200), &response, self.dialect)?;
                response.text().split_once(':').map(|(id, _)| id.to_owned())
            }
        };
        if let Some(id) = id {
            self.names.0.insert(format!("${}", step.name), id);
        }
        Ok(())
    }

    async fn request(&self, step: &Request) -> Result<(), Mismatch> {
        let expect = self.names.fill_answer(&step.expect)?;
        let path = self.names.fill(&step.path);
        let body = match &step.body_hex {
            Some(hex) => hex.0.clone(),
            None => self.names.fill(&step.body).into_bytes(),
        };
        let headers = self.names.fill_headers(&step.headers);
        let headers = pairs(&headers);
        let response = http::request(self.target.http, &step.method, &path, &headers, &body).await;
        check_answer(&expect, response, self.dialect).map(drop)
    }
}

/// Session ids by what steps call them, such as `$SID`.
#[derive(Debug, Default)]
struct Names(BTreeMap<String, String>);

impl Names {
    fn fill(&self, text: &str) -> String {
        // From the longest name to the shortest with the same start.
        self.0.iter().rev().fold(text.to_owned(), |text, (name, id)| text.replace(name, id))
    }

    fn fill_headers(&self, headers: &Headers) -> Headers {
        headers.iter().map(|(name, value)| (name.clone(), self.fill(value))).collect()
    }

    /// Fills in an expectation; one that only waiting could show is refused.
    fn fill_answer(&self, expect: &Answer) -> Result<Answer, Mismatch> {
        let mut expect = expect.clone();
        if let Some(outcome) = expect.outcome.as_ref().filter(|outcome| *outcome != CLOSED) {
            return Err(Mismatch::new("steps that can be shown without waiting", outcome));
        }
        expect.headers = expect.headers.map(|headers| self.fill_headers(&headers));
        expect.body = expect.body.map(|body| self.fill(&body));
        expect.body_any_of = expect.body_any_of.iter().map(|body| self.fill(body)).collect();
        Ok(expect)
    }
}

/// The one outcome without a response that can be shown.
const CLOSED: &str = "closed-without-response";

/// Compares what came, a response or the lack of one, and returns the session id in it.
fn check_answer(
    expect: &Answer,
    answer: io::Result<Response>,
    dialect: &Dialect,
) -> Result<Option<String>, Mismatch> {
    match (answer, &expect.outcome) {
        (Ok(response), _) => check_response(expect, &response, dialect),
        (Err(error), Some(_)) if is_gone(&error) => Ok(None),
        (Err(error), Some(outcome)) => Err(Mismatch::new(outcome, error.to_string())),
        (Err(error), None) => Err(broke("a response")(error)),
    }
}

/// Headers as the clients take them.
fn pairs(headers: &Headers) -> Vec<(&str, &str)> {
    headers.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
}

/// An I/O error where something else was expected.
fn broke(expected: &str) -> impl FnOnce(io::Error) -> Mismatch {
    move |error| Mismatch::new(expected, error.to_string())
}

/// A step that uses a connection which no earlier step has opened.
fn unopened(name: &str) -> Mismatch {
    Mismatch::new(format!("an earlier step to open {name:?}"), "none")
}

#[cfg(test)]
mod tests;
