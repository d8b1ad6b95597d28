//! Requests that stay open while other steps are played.
//!
//! In: GETs to open, names to take them by. Invariant: when `open` returns, the server has seen the
//! request, so the order of the steps is the order in which they reach the server.
//!
//! That is not on the wire for a poll that waits: the kernel has taken its bytes, no more is known.
//! So `open` sends the same poll twice, on two connections. The server must answer the superseded
//! one at once (noop or empty body); when it has, both have arrived, and the other one is the poll
//! that stays open. A poll opened while another of the same session is open supersedes that one, and
//! its answer is the proof. A stream (htmlfile) shows itself by its first bytes.
//!
//! A server that leaves superseded polls hanging ([`Dialect::answers_superseded_polls`]) gets a
//! single poll, and no proof.

use std::{collections::BTreeMap, net::SocketAddr};

use super::{broke, pairs, unopened};
use crate::{
    expectation::{Dialect, Mismatch},
    http::{self, Pending, Response},
    script::Headers,
};

/// Open requests by name.
#[derive(Debug, Default)]
pub(super) struct Polls(BTreeMap<String, Poll>);

#[derive(Debug)]
struct Poll {
    /// The path without its query: transport and session.
    session: String,
    pending: Pending,
}

impl Polls {
    pub(super) async fn open(
        &mut self,
        address: SocketAddr,
        dialect: &Dialect,
        name: &str,
        path: String,
        headers: &Headers,
    ) -> Result<(), Mismatch> {
        let headers = pairs(headers);
        let another = || async {
            let poll = http::open(address, "GET", &path, &headers, b"").await;
            poll.map_err(broke("an open request"))
        };
        let mut pending = another().await?;
        let session = path.split('?').next().unwrap_or_default().to_owned();
        if session.contains("/htmlfile/") {
            pending.head().await.map_err(broke("the head of a stream"))?;
        } else if dialect.answers_superseded_polls && !self.supersede(&session).await? {
            pending = the_one_that_stays(pending, another().await?).await?;
        }
        self.0.insert(name.to_owned(), Poll { session, pending });
        Ok(())
    }

    pub(super) fn take(&mut self, name: &str) -> Result<Pending, Mismatch> {
        self.0.remove(name).map(|poll| poll.pending).ok_or_else(|| unopened(name))
    }

    /// Waits until the open poll of the session is answered. `false` if there is none, or if it has
    /// a packet as its answer and so was not superseded.
    async fn supersede(&mut self, session: &str) -> Result<bool, Mismatch> {
        let Some(earlier) = self.0.values_mut().find(|poll| poll.session == session) else {
            return Ok(false);
        };
        let answer = earlier.pending.peek().await;
        answer.map(|answer| is_noop(&answer)).map_err(broke("an answer to the superseded poll"))
    }
}

/// Waits until one of two polls is answered, and returns the other.
async fn the_one_that_stays(mut first: Pending, mut second: Pending) -> Result<Pending, Mismatch> {
    let (answer, stays) = tokio::select! {
        answer = first.peek() => (answer, second),
        answer = second.peek() => (answer, first),
    };
    let answer = answer.map_err(broke("an answer to one of two polls"))?;
    if is_noop(&answer) {
        return Ok(stays);
    }
    Err(Mismatch::new("a poll that stays open", format!("the answer {:?}", answer.text())))
}

/// Whether the answer carries nothing: a noop packet or an empty body.
fn is_noop(answer: &Response) -> bool {
    let body = answer.text();
    // JSONP wraps the packet: io.j[0]("8::");
    let packet = body.strip_suffix("\");").and_then(|call| call.split_once('"'));
    answer.status == 200 && matches!(packet.map_or(&*body, |(_, packet)| packet), "" | "8::")
}
