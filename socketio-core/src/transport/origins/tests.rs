//! Which pages may connect, by the origins that are allowed.

use http::HeaderValue;

use super::*;

fn list(entries: &[&str]) -> Origins {
    Origins::List(entries.iter().map(|entry| (*entry).to_owned()).collect())
}

#[track_caller]
fn check_at(host: &str, origins: &Origins, origin: &str, allowed: bool) {
    let mut headers = HeaderMap::new();
    headers.insert(HOST, HeaderValue::from_str(host).unwrap());
    headers.insert(ORIGIN, HeaderValue::from_str(origin).unwrap());
    let verdict = AllowedOrigins::new(origins.clone()).unwrap().check(&headers);
    assert_eq!(verdict.is_ok(), allowed, "{origins:?} {origin} at {host}");
}

#[track_caller]
fn check(origins: &Origins, origin: &str, allowed: bool) {
    check_at("shop.example:3000", origins, origin, allowed);
}

#[test]
fn only_named_origins_and_the_own_host_are_let_in() {
    let list = list(&["https://example.com"]);
    for (origin, same, listed) in [
        ("http://shop.example:3000", true, true),
        ("https://SHOP.example:3000", true, true),
        ("shop.example:3000", true, true),
        ("http://shop.example", false, false),
        ("http://shop.example:3000.evil.com", false, false),
        ("http://shop.example:3000@evil.com", false, false),
        ("https://example.com", false, true),
        ("https://example.com:443", false, true),
        ("http://example.com", false, false),
        ("example.com", false, false),
        ("https://example.com.evil.com", false, false),
        ("https://sub.example.com", false, false),
        ("null", false, false),
        ("", false, false),
    ] {
        check(&Origins::Same, origin, same);
        check(&list, origin, listed);
        check(&Origins::Any, origin, true);
    }
}

#[test]
fn each_form_of_entry_lets_in_what_it_says() {
    for (entry, allowed, refused) in [
        (
            "example.com:80",
            &["http://example.com", "https://example.com", "x://example.com:80"][..],
            &["http://example.com:8080", "https://example.com:443", "http://a.example.com"][..],
        ),
        (
            "example.com:443",
            &["https://example.com", "http://example.com:443"],
            &["http://example.com"],
        ),
        ("localhost:*", &["http://localhost:1", "localhost", "app://localhost"], &["http://local"]),
        ("*:8080", &["http://a.b:8080", "https://[::1]:8080"], &["http://a.b", "null"]),
        ("*:*", &["http://a.b", "null"], &[]),
        ("https://*", &["https://a.b"], &["http://a.b", "https://a.b:1"]),
        ("HTTPS://Example.com:*", &["https://example.com:1"], &["http://example.com"]),
        (
            "https://*.example.com",
            &["https://a.example.com", "https://a.b.EXAMPLE.com:443"],
            &[
                "https://example.com",
                "https://.example.com",
                "https://a.example.com:1",
                "https://evilexample.com",
                "https://a.example.com.evil.com",
            ],
        ),
        ("*.example.com:*", &["http://a.example.com:1"], &["http://example.com:1"]),
        ("capacitor://localhost", &["capacitor://localhost"], &["http://localhost"]),
        ("http://[::1]:80", &["http://[::1]", "http://[0:0::1]:80"], &["http://[::2]"]),
        ("[::1]:*", &["http://[::1]:3000", "https://[::1]"], &["http://::1"]),
        ("http://127.0.0.1:1", &["http://127.0.0.1:1"], &["http://127.0.0.1:11"]),
    ] {
        for origin in allowed {
            check(&list(&[entry]), origin, true);
        }
        for origin in refused {
            check(&list(&[entry]), origin, false);
        }
    }
}

#[test]
fn the_own_host_may_be_an_ipv6_address() {
    for (host, origin, allowed) in [
        ("[::1]:3000", "http://[::1]:3000", true),
        ("[0::1]", "http://[::1]", true),
        ("[::1]:3000", "http://[::1]", false),
        ("[::1]", "http://[::2]", false),
    ] {
        check_at(host, &Origins::Same, origin, allowed);
    }
}

#[test]
fn an_entry_that_can_not_mean_anything_is_refused_with_the_reason() {
    for (entry, reason) in [
        ("", "no host"),
        ("http://", "no host"),
        (":80", "no host"),
        ("*", "neither scheme nor port"),
        ("example.com", "neither scheme nor port"),
        ("null", "hide their origin"),
        ("https://example.com:", "the port"),
        ("example.com:http", "the port"),
        ("example.com:65536", "the port"),
        ("example.com:+80", "the port"),
        ("https://example.com/", "and no more"),
        ("https://me@example.com", "and no more"),
        ("https://example.com/a:80", "and no more"),
        ("https://*example.com", "before a dot"),
        ("https://*.", "no host"),
        ("https://a.*.com", "no host"),
        ("https://b\u{fc}cher.example", "Punycode"),
        ("http://::1", "in brackets"),
        ("http://[::g]", "in brackets"),
        ("http://a b", "no host"),
        ("http://a\"><b:80", "no host"),
        ("ht tp://a", "no scheme"),
        ("://a", "no scheme"),
    ] {
        let error = AllowedOrigins::new(list(&["https://fine.example", entry])).unwrap_err();
        assert_eq!(error.entry, entry);
        assert!(error.to_string().contains(reason), "{error}");
    }
}

#[test]
fn a_script_that_hides_its_page_is_refused() {
    let allowed = |origins| AllowedOrigins::new(origins).unwrap();
    let headers = HeaderMap::new();
    assert_eq!(allowed(Origins::Same).check(&headers), Ok(()));
    assert_eq!(allowed(Origins::Same).check_script(&headers), Err(BadOrigin));
    assert_eq!(allowed(Origins::Any).check_script(&headers), Ok(()));
    for (site, expected) in [("same-origin", Ok(())), ("same-site", Err(BadOrigin))] {
        let mut headers = HeaderMap::new();
        headers.insert("sec-fetch-site", HeaderValue::from_static(site));
        assert_eq!(allowed(Origins::Same).check_script(&headers), expected);
    }
}

#[test]
fn the_drafts_name_the_page_in_a_header_of_their_own() {
    let mut headers = HeaderMap::new();
    headers.insert("sec-websocket-origin", HeaderValue::from_static("http://evil.example"));
    let same = AllowedOrigins::new(Origins::Same).unwrap();
    assert_eq!(same.check(&headers), Err(BadOrigin));
}
