//! What attacks cost in memory, by a counting allocator: in proportion to what came, whatever it looks like.
//!
//! `tests/it/attacks.rs` has what they do to a server.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::convert::Infallible;

use allocation_counter::{AllocationInfo, measure};
use axum::body::{Body, Bytes, to_bytes};
use axum::http::Request;
use futures_util::stream;
use socketio_core::{SocketIo, SocketIoService, prelude::*};
use tower_service::Service as _;

const LIMIT: usize = 1 << 18;

#[derive(Default)]
struct Victim;

#[socket_connection]
impl Victim {
    #[event]
    fn echo(&self, value: u8) -> u8 {
        value
    }
}

/// A body of so many pieces, each in memory of its own, as if they had come one by one.
fn in_pieces(count: usize, piece: &'static [u8]) -> Body {
    let pieces = (0..count).map(move |_| Ok::<_, Infallible>(Bytes::from(piece.to_vec())));
    Body::from_stream(stream::iter(pieces))
}

async fn ask(service: &mut SocketIoService, request: Request<Body>) -> (u16, String) {
    let answer = service.call(request).await.unwrap();
    let status = answer.status().as_u16();
    let body = to_bytes(answer.into_body(), 10_000).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

/// Posts this to a new session that polls: the status, and what it cost.
fn post(revision: u8, body: Body) -> (u16, AllocationInfo) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let io = SocketIo::builder::<Victim>().max_message_bytes(LIMIT).build();
    let mut service = io.service();
    let url = format!("/socket.io/?EIO={revision}&transport=polling");
    let handshake = Request::get(&url).body(Body::empty()).unwrap();
    let (_, opened) = runtime.block_on(ask(&mut service, handshake));
    let url = format!("{url}&sid={}", opened.split('"').nth(3).unwrap());
    let join = if revision == 4 { "40" } else { "1:2" };
    let join = Request::post(&url).body(Body::from(join)).unwrap();
    assert_eq!(runtime.block_on(ask(&mut service, join)).0, 200);
    let request = Request::post(&url).body(body).unwrap();
    let mut status = 0;
    let cost = measure(|| status = runtime.block_on(ask(&mut service, request)).0);
    (status, cost)
}

#[test]
fn cve_2026_48779_a_body_costs_what_it_holds_in_however_many_pieces_it_comes() {
    let (status, cost) = post(4, in_pieces(LIMIT, b"4"));
    assert_eq!(status, 400);
    assert!(cost.bytes_max < 4 * LIMIT as u64, "{cost:?}");
}

#[test]
fn cve_2020_36048_a_body_without_end_takes_no_more_than_the_limit() {
    for piece in [&b"4"[..], &[b'4'; 4096]] {
        let (status, cost) = post(4, in_pieces(usize::MAX, piece));
        assert_eq!(status, 413);
        assert!(cost.bytes_max < 4 * LIMIT as u64, "{cost:?}");
    }
}

/// Twice the digits cost twice as much, in numbers of all kinds.
#[test]
fn cve_2020_36049_numbers_without_end_are_read_once() {
    for (revision, before, after) in [
        (4, "42", "[\"echo\",1]"),
        (4, "42/", "[\"echo\",1]"),
        (4, "45", "-[\"echo\"]"),
        (4, "451-", "[\"echo\",1]"),
        (4, "43", "[]"),
        (4, "42[\"echo\",", "]"),
        (3, "", ":4"),
    ] {
        let cost = |digits: usize| {
            let (_, cost) = post(revision, format!("{before}{}{after}", "9".repeat(digits)).into());
            cost.bytes_total
        };
        let (half, whole) = (cost(LIMIT / 2 - 32), cost(LIMIT - 64));
        assert!(whole < 2 * half + 100_000, "{before}: {half}, {whole}");
        assert!(whole < 8 * LIMIT as u64, "{before}: {whole}");
    }
}
