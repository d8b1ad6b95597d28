//! Content codings: whether a request takes gzip, and bytes compressed for it.
//!
//! `Accept-Encoding` goes in and a verdict comes out; bytes go in and gzip comes out. Called for polling
//! answers and for the client's files. gzip is the only coding, for whoever takes deflate takes it, too.
//! Source: RFC 9110, section 12.5.3.

use std::io::Write as _;

use axum::body::Body;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::header::{ACCEPT_ENCODING, CONTENT_ENCODING};
use http::{HeaderMap, HeaderName, HeaderValue};

use super::Response;

/// Bodies above this are compressed where they hold up no other task.
const INLINE_BYTES: usize = 64 * 1024;

/// Compresses bytes; `None` if that failed.
pub(crate) fn gzip(bytes: &[u8], level: Compression) -> Option<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), level);
    encoder.write_all(bytes).ok()?;
    encoder.finish().ok()
}

/// Makes the body of an answer, compressed if it has at least `threshold` bytes; never, without a threshold. At
/// the fastest level, which packets are sent for.
pub(crate) async fn compress(
    body: Bytes,
    threshold: Option<usize>,
    mut answer: Response,
) -> Response {
    let compressed = if threshold.is_none_or(|threshold| body.len() < threshold) {
        None
    } else if body.len() <= INLINE_BYTES {
        gzip(&body, Compression::fast())
    } else {
        let body = body.clone();
        let compressing = tokio::task::spawn_blocking(move || gzip(&body, Compression::fast()));
        compressing.await.ok().flatten()
    };
    *answer.body_mut() = match compressed {
        Some(compressed) => {
            answer.headers_mut().insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
            Body::from(compressed)
        }
        None => Body::from(body),
    };
    answer
}

/// Whether the request takes gzip, and does not like the plain bytes better.
pub(crate) fn accepts_gzip(request: &HeaderMap) -> bool {
    let weight = |wanted: &str| {
        let member = members(request, ACCEPT_ENCODING).map(|member| {
            let (coding, parameters) = member.split_once(';').unwrap_or((member, ""));
            let weight = parameters.trim().strip_prefix("q=").map_or(Some(1.0_f32), |weight| {
                weight.trim().parse().ok().filter(|weight| (0.0..=1.0).contains(weight))
            });
            (coding.trim(), weight.unwrap_or(0.0))
        });
        member.into_iter().find(|(coding, _)| coding.eq_ignore_ascii_case(wanted)).map(|(_, q)| q)
    };
    let gzip = weight("gzip").or_else(|| weight("*")).unwrap_or(0.0);
    gzip > 0.0 && weight("identity").is_none_or(|identity| gzip >= identity)
}

/// The members of a header that is a list.
pub(crate) fn members(headers: &HeaderMap, name: HeaderName) -> impl Iterator<Item = &str> {
    let values = headers.get_all(name).into_iter().filter_map(|value| value.to_str().ok());
    values.flat_map(|value| value.split(',')).map(str::trim)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_decide_about_gzip() {
        for (accepted, expected) in [
            (&[][..], false),
            (&[""], false),
            (&["gzip"], true),
            (&["deflate, GZIP ;q=0.5"], true),
            (&["deflate", "gzip"], true),
            (&["gzip; q=1"], true),
            (&["gzip;q=1.000"], true),
            (&["br, gzip;q=0, *"], false),
            (&["gzip;q=0.000"], false),
            (&["deflate, br"], false),
            (&["xgzip"], false),
            (&["*"], true),
            (&["*;q=0"], false),
            (&["br, *;q=0.1"], true),
            (&["identity, gzip;q=0.5"], false),
            (&["identity;q=0.5, gzip;q=0.5"], true),
            (&["identity;q=0, gzip;q=0.1"], true),
            (&["gzip;q=x"], false),
            (&["gzip;q=-1"], false),
            (&["gzip;q=NaN"], false),
        ] {
            let mut headers = HeaderMap::new();
            for value in accepted {
                headers.append(ACCEPT_ENCODING, HeaderValue::from_static(value));
            }
            assert_eq!(accepts_gzip(&headers), expected, "{accepted:?}");
        }
    }
}
