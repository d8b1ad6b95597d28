//! Who sent a request, when proxies stand between.
//!
//! The address of the peer and the request's headers go in, the client's address comes out. Each
//! proxy puts the address it was called from at the end of `X-Forwarded-For`, so as many entries
//! from the end are true as there are proxies of one's own; what stands before them the client may
//! have invented. The server calls it. Source: RFC 7239, section 7.4, for the format of the older
//! header.

use std::net::{IpAddr, SocketAddr};

use http::HeaderMap;

/// The address of the client behind `proxies` trusted ones. Where fewer are named, or what is named is
/// no address, it is the farthest that is known.
pub(crate) fn client_ip(peer: SocketAddr, headers: &HeaderMap, proxies: usize) -> IpAddr {
    let values = headers.get_all("x-forwarded-for").into_iter();
    let entries: Vec<_> =
        values.filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).collect();
    let named = entries.iter().rev().take(proxies).map_while(|entry| address(entry.trim()));
    named.last().unwrap_or(peer.ip()).to_canonical()
}

/// `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]`, `[2001:db8::1]:80`.
fn address(entry: &str) -> Option<IpAddr> {
    let in_brackets = entry.strip_prefix('[').and_then(|entry| entry.strip_suffix(']'));
    let ip = in_brackets.unwrap_or(entry).parse();
    ip.ok().or_else(|| entry.parse().ok().map(|address: SocketAddr| address.ip()))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn only_what_trusted_proxies_wrote_is_believed() {
        let one = "10.0.0.1";
        for (forwarded, proxies, expected) in [
            (&["1.1.1.1"][..], 0, one),
            (&["1.1.1.1"], 1, "1.1.1.1"),
            (&["9.9.9.9, 1.1.1.1"], 1, "1.1.1.1"),
            (&["9.9.9.9, 1.1.1.1", "2.2.2.2"], 1, "2.2.2.2"),
            (&["9.9.9.9, 1.1.1.1", "2.2.2.2"], 2, "1.1.1.1"),
            (&["1.1.1.1"], 2, "1.1.1.1"),
            (&[], 2, one),
            (&["unknown"], 1, one),
            (&["1.1.1.1, unknown"], 2, one),
            (&["unknown, 1.1.1.1"], 2, "1.1.1.1"),
            (&[" 1.1.1.1:4711 "], 1, "1.1.1.1"),
            (&["[2001:db8::1]:80"], 1, "2001:db8::1"),
            (&["[2001:db8::1]"], 1, "2001:db8::1"),
            (&["2001:db8::1"], 1, "2001:db8::1"),
            (&["::ffff:1.1.1.1"], 1, "1.1.1.1"),
            (&[""], 1, one),
        ] {
            let mut headers = HeaderMap::new();
            for value in forwarded {
                headers.append("x-forwarded-for", HeaderValue::from_static(value));
            }
            let peer = "[::ffff:10.0.0.1]:5000".parse().unwrap();
            let found = client_ip(peer, &headers, proxies);
            assert_eq!(found.to_string(), expected, "{forwarded:?} behind {proxies}");
        }
    }
}
