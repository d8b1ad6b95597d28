//! Bodies of POSTs, read whole.
//!
//! A body goes in whose session is known; its bytes come out, or the status that says why not. It is never read beyond
//! `max_message_bytes`, nor for longer than `close_timeout`, and takes memory for what came, never for what was
//! announced.

use std::future::Future;
use std::pin::pin;

use bytes::Bytes;
use http::StatusCode;
use http_body_util::BodyExt as _;

use super::Core;
use crate::driver::Mailbox;
use crate::stats::Limit;

pub(super) type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// Why a POST is not taken in: the answer's status and text.
pub(super) type Refusal = (StatusCode, &'static str);

const TOO_LARGE: Refusal = (StatusCode::PAYLOAD_TOO_LARGE, "body too large");

/// Reads a POST's body, never more of it than is allowed, nor for longer.
pub(super) fn read<B>(
    core: &Core,
    body: B,
) -> impl Future<Output = Result<Bytes, Refusal>> + Send + use<B>
where
    B: http_body::Body<Data = Bytes> + Send,
    B::Error: Into<BoxError>,
{
    let (limit, patience) = (core.config.max_message_bytes, core.hub.limits.close_timeout);
    async move {
        if body.size_hint().lower() > limit as u64 {
            return Err(TOO_LARGE);
        }
        let read = tokio::time::timeout(patience, collect(body, limit)).await;
        read.unwrap_or(Err((StatusCode::REQUEST_TIMEOUT, "body takes too long")))
    }
}

/// The bytes of a body: those of its only piece as they came, those of several in memory that grows with them, for
/// each of them may hold on to more than it has.
async fn collect<B>(body: B, limit: usize) -> Result<Bytes, Refusal>
where
    B: http_body::Body<Data = Bytes>,
{
    let mut body = pin!(body);
    let (mut first, mut all) = (Bytes::new(), Vec::new());
    while let Some(frame) = body.frame().await {
        let frame = frame.map_err(|_| (StatusCode::BAD_REQUEST, "body is incomplete"))?;
        let Ok(piece) = frame.into_data() else { continue };
        if first.len() + all.len() + piece.len() > limit {
            return Err(TOO_LARGE);
        }
        if first.is_empty() && all.is_empty() {
            first = piece;
        } else {
            all.extend(std::mem::take(&mut first));
            all.extend_from_slice(&piece);
        }
    }
    Ok(if all.is_empty() { first } else { all.into() })
}

/// Counts a body that a limit kept from being read.
pub(super) fn count_refused(mailbox: &Mailbox, code: StatusCode) {
    match code {
        StatusCode::PAYLOAD_TOO_LARGE => mailbox.notices().limit_hit(Limit::Body),
        StatusCode::REQUEST_TIMEOUT => mailbox.notices().limit_hit(Limit::BodyTime),
        _ => {}
    }
}
