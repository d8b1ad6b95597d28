//! The client's files: what pages get, and what their browsers keep of it.

use std::collections::BTreeMap;
use std::io::Read as _;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

use flate2::read::GzDecoder;
use socketio_core::{Origins, SocketIo, Transport, prelude::*};
use socketio_tests::http::{self, Response};

use crate::client::serve;

#[derive(Default)]
struct Nobody;

#[socket_connection]
impl Nobody {}

/// Contents by names.
type Files = BTreeMap<String, Vec<u8>>;

/// A stand-in for an npm install of the client, which is gone once the value is.
pub(crate) struct Folder(PathBuf);

impl Folder {
    /// Files by their names inside.
    pub(crate) fn new(files: &Files) -> Self {
        static FOLDERS: AtomicUsize = AtomicUsize::new(0);
        let number = FOLDERS.fetch_add(1, Ordering::Relaxed);
        let name = format!("socketio-client-{}-{number}", std::process::id());
        let folder = Self(std::env::temp_dir().join(name));
        std::fs::create_dir_all(&folder.0).unwrap();
        for (name, content) in files {
            let file = folder.0.join(name);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, content).unwrap();
        }
        folder
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.0.clone()
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

const SCRIPT: &str = "/*! Socket.IO.js build:1.2.3, development. … */\nvar io;\n";

/// What an npm install of the client has; each source names itself.
fn files() -> Files {
    let sources = "io util events json parser transport socket namespace transports/websocket \
                   transports/flashsocket transports/htmlfile transports/xhr transports/xhr-polling \
                   transports/jsonp-polling vendor/web-socket-js/swfobject \
                   vendor/web-socket-js/web_socket";
    let source = |name: &str| {
        let text = format!("[{name}]\n  // if node\nrequire()\n  // end node\n");
        (format!("lib/{name}.js"), text.into_bytes())
    };
    let dist = [
        ("dist/socket.io.js", SCRIPT.as_bytes()),
        ("dist/WebSocketMain.swf", b"main"),
        ("dist/WebSocketMainInsecure.swf", b"insecure"),
    ];
    let dist = dist.map(|(name, content)| (name.to_owned(), content.to_owned()));
    sources.split_whitespace().map(source).chain(dist).collect()
}

/// A server with these files, which are gone when it is built.
fn build(files: &Files) -> SocketIo {
    build_with([files])
}

/// The same with several clients.
fn build_with<'a>(clients: impl IntoIterator<Item = &'a Files>) -> SocketIo {
    let transports = [Transport::XhrPolling, Transport::WebSocket, Transport::JsonpPolling];
    let io = SocketIo::builder::<Nobody>().transports(transports);
    let io = io.origins(Origins::List(vec!["https://page.example".into()]));
    let folders: Vec<_> = clients.into_iter().map(Folder::new).collect();
    folders.iter().fold(io, |io, folder| io.client_dir(folder.path())).build()
}

async fn get(addr: SocketAddr, file: &str, headers: &[(&str, &str)]) -> Response {
    http::request(addr, "GET", &format!("/socket.io/{file}"), headers, b"").await.unwrap()
}

fn unzipped(answer: &Response) -> String {
    let mut text = String::new();
    GzDecoder::new(&*answer.body).read_to_string(&mut text).unwrap();
    text
}

#[tokio::test]
async fn without_a_script_pages_are_sent_to_the_cdn() {
    let cdn = socketio_core::CLIENT_URL.strip_suffix("/socket.io.js").unwrap();
    for io in [SocketIo::builder::<Nobody>().build(), build(&BTreeMap::new())] {
        let addr = serve(io).await;
        for (file, location) in [
            ("socket.io.js", socketio_core::CLIENT_URL.to_owned()),
            ("socket.io.esm.min.js", format!("{cdn}/socket.io.esm.min.js")),
            ("socket.io.msgpack.min.js.map", format!("{cdn}/socket.io.msgpack.min.js.map")),
            ("socket.io.v0.9.17.js", "https://cdn.socket.io/0.9.17/socket.io.js".to_owned()),
        ] {
            let answer = get(addr, file, &[]).await;
            assert_eq!(answer.status, 302);
            assert_eq!(answer.header("location"), Some(&*location));
        }
        assert_eq!(get(addr, "socket.io+websocket.js", &[]).await.status, 500);
        assert_eq!(get(addr, "static/flashsocket/WebSocketMain.swf", &[]).await.status, 404);
    }
}

#[tokio::test]
async fn every_file_has_its_type_and_what_caches_need() {
    let addr = serve(build(&files())).await;
    let (script, flash) = ("application/javascript", "application/x-shockwave-flash");
    let (ask_again, for_good) = ("no-cache", "public, max-age=31536000, immutable");
    for (file, body, content_type, cache) in [
        ("socket.io.js", SCRIPT, script, ask_again),
        ("socket.io.v1.2.3.js", SCRIPT, script, for_good),
        // A page of another version must not keep this one.
        ("socket.io.v1.2.4.js", SCRIPT, script, ask_again),
        ("static/flashsocket/WebSocketMain.swf", "main", flash, ask_again),
        ("static/flashsocket/WebSocketMainInsecure.swf", "insecure", flash, ask_again),
    ] {
        let mut answer = get(addr, file, &[]).await;
        assert_eq!((answer.status, &*answer.text()), (200, body), "{file}");
        assert_eq!(answer.header("content-type"), Some(content_type), "{file}");
        assert_eq!(answer.header("cache-control"), Some(cache), "{file}");
        let vary = (content_type == script).then_some("Accept-Encoding");
        assert_eq!(answer.header("vary"), vary, "{file}");
        let etag = answer.header("etag").unwrap();
        assert!(etag.len() > 20 && etag.starts_with('"') && etag.ends_with('"'), "{etag}");

        let path = format!("/socket.io/{file}");
        let mut head = http::request(addr, "HEAD", &path, &[], b"").await.unwrap();
        assert_eq!(head.body.len(), 0);
        head.body = answer.body.clone();
        for answer in [&mut head, &mut answer] {
            answer.headers.retain(|(name, _)| name != "date");
        }
        assert_eq!(head, answer);
        let post = http::request(addr, "POST", &path, &[], b"").await.unwrap();
        assert_eq!(post.status, 405, "{file}");
    }
}

#[tokio::test]
async fn a_browser_that_has_the_file_does_not_get_it_again() {
    let addr = serve(build(&files())).await;
    let etag = get(addr, "socket.io.js", &[]).await.header("etag").unwrap().to_owned();
    let unquoted = etag.trim_matches('"');
    for (tags, status) in [
        (etag.clone(), 304),
        (format!("W/{etag}"), 304),
        (format!("\"other\", {etag} ,W/\"more\""), 304),
        ("*".to_owned(), 304),
        (unquoted.to_owned(), 200),
        ("\"other\"".to_owned(), 200),
        (String::new(), 200),
    ] {
        let answer = get(addr, "socket.io.js", &[("If-None-Match", &tags)]).await;
        assert_eq!(answer.status, status, "{tags}");
        assert_eq!(answer.header("etag"), Some(&*etag), "{tags}");
        assert_eq!(answer.header("cache-control"), Some("no-cache"), "{tags}");
    }
    let mut changed = files();
    changed.insert("dist/socket.io.js".into(), b"var io = 2;".to_vec());
    let addr = serve(build(&changed)).await;
    assert_eq!(get(addr, "socket.io.js", &[("If-None-Match", &etag)]).await.status, 200);
}

#[tokio::test]
async fn scripts_are_compressed_for_those_who_take_it() {
    let addr = serve(build(&files())).await;
    for (accepted, is_compressed) in [
        ("gzip", true),
        ("deflate, GZIP ;q=0.5", true),
        ("gzip; q=1", true),
        ("br, gzip;q=0, *", false),
        ("gzip;q=0.000", false),
        ("deflate, br", false),
        ("xgzip", false),
    ] {
        let accepted = [("Accept-Encoding", accepted)];
        let answer = get(addr, "socket.io.js", &accepted).await;
        assert_eq!(answer.header("content-encoding"), is_compressed.then_some("gzip"));
        assert_eq!(answer.header("vary"), Some("Accept-Encoding"));
        let text = if is_compressed { unzipped(&answer) } else { answer.text().into_owned() };
        assert_eq!(text, SCRIPT, "{accepted:?}");

        let flash = get(addr, "static/flashsocket/WebSocketMain.swf", &accepted).await;
        assert_eq!((flash.header("content-encoding"), &*flash.text()), (None, "main"));
    }
    let plain = get(addr, "socket.io.js", &[]).await;
    let compressed = get(addr, "socket.io.js", &[("Accept-Encoding", "gzip")]).await;
    assert_ne!(plain.header("etag"), compressed.header("etag"));
}

#[tokio::test]
async fn a_page_can_have_a_script_with_some_transports() {
    let addr = serve(build(&files())).await;
    let base = "[io][util][events][json][parser][transport][socket][namespace]";
    let (websocket, xhr) = ("[transports/websocket]", "[transports/xhr][transports/xhr-polling]");
    let jsonp = format!("{xhr}[transports/jsonp-polling]");
    let no_cache = "no-cache";
    for (file, transports, cache) in [
        ("socket.io+websocket.js", websocket.to_owned(), no_cache),
        ("socket.io+jsonp-polling.js", jsonp.clone(), no_cache),
        // The server's order, each once.
        ("socket.io+websocket+xhr-polling.js", format!("{xhr}{websocket}"), no_cache),
        ("socket.io+xhr-polling+websocket+websocket.js", format!("{xhr}{websocket}"), no_cache),
        ("socket.io+jsonp-polling+xhr-polling.js", jsonp, no_cache),
        ("socket.io+websocket.v1.2.3.js", websocket.into(), "public, max-age=31536000, immutable"),
    ] {
        for headers in [&[][..], &[("Accept-Encoding", "gzip")]] {
            let answer = get(addr, file, headers).await;
            assert_eq!(answer.status, 200, "{file}");
            assert_eq!(answer.header("content-type"), Some("application/javascript"));
            assert_eq!(answer.header("cache-control"), Some(cache), "{file}");
            let text =
                if headers.is_empty() { answer.text().into_owned() } else { unzipped(&answer) };
            let parts: String = text.lines().filter(|line| line.starts_with('[')).collect();
            assert_eq!(parts, format!("{base}{transports}"), "{file}");
            assert!(!text.contains("require"), "{text}");
        }
    }
}

#[tokio::test]
async fn a_script_that_can_not_be_is_an_error_that_names_it() {
    let whole = serve(build(&files())).await;
    let mut sources = files();
    sources.remove("lib/util.js");
    let without_sources = serve(build(&sources)).await;
    for (addr, file) in [
        (whole, "socket.io+nope.js"),
        (whole, "socket.io+websocket+nope.js"),
        (whole, "socket.io+flashsocket.js"),
        (whole, "socket.io+.js"),
        (whole, "socket.io+websocket+.js"),
        (whole, "socket.io+../../dist/socket.io.js"),
        (whole, "socket.io+%2e%2e%2fio.js"),
        (without_sources, "socket.io+websocket.js"),
    ] {
        let answer = get(addr, file, &[]).await;
        assert_eq!(answer.status, 500, "{file}");
        assert_eq!(answer.text(), format!("Error serving static /{file}"));
        assert_eq!(answer.header("content-type"), Some("text/plain; charset=UTF-8"));
    }
    assert_eq!(get(without_sources, "socket.io.js", &[]).await.status, 200);
}

#[tokio::test]
async fn no_other_file_is_served() {
    let addr = serve(build(&files())).await;
    for file in [
        "socket.io.min.js",
        "lib/io.js",
        "dist/socket.io.js",
        "../socket.io.js",
        "static/flashsocket/../../dist/socket.io.js",
        "static/flashsocket/socket.io.js",
        "socket.io.js%00.swf",
    ] {
        let answer = get(addr, file, &[]).await;
        assert_ne!(answer.text(), SCRIPT, "{file}");
        assert_eq!(answer.header("etag"), None, "{file}");
    }
}

/// What an npm install of a client since 2.0 has, and what it has that is not for pages.
fn modern(version: &str) -> Files {
    let names = "socket.io.js socket.io.min.js socket.io.esm.min.js socket.io.msgpack.min.js \
                 socket.io.esm.js broadcast.js";
    let file = |name: &str| {
        let script = format!("/*!\n * Socket.IO v{version}\n */\n[{name} {version} é]");
        let map = format!("{{\"file\":\"{name} {version}\"}}");
        let name = format!("dist/{name}");
        [(format!("{name}.map"), map.into_bytes()), (name, script.into_bytes())]
    };
    names.split_whitespace().flat_map(file).collect()
}

fn old(version: &str) -> Files {
    let script = format!("/*! Socket.IO.js build:{version}, development. … */\n[{version}]\n");
    let mut files = files();
    files.insert("dist/socket.io.js".into(), script.into_bytes());
    files
}

#[tokio::test]
async fn a_current_client_has_its_eight_files_and_no_other() {
    let addr = serve(build_with([&modern("4.8.4")])).await;
    for form in ["", ".min", ".esm.min", ".msgpack.min"] {
        let name = format!("socket.io{form}.js");
        for (file, content, content_type) in [
            (name.clone(), format!("[{name} 4.8.4 é]"), "application/javascript; charset=utf-8"),
            (
                format!("{name}.map"),
                format!("{{\"file\":\"{name} 4.8.4\"}}"),
                "application/json; charset=utf-8",
            ),
        ] {
            let answer = get(addr, &file, &[]).await;
            assert_eq!(answer.status, 200, "{file}");
            assert_eq!(answer.text().lines().last(), Some(&*content));
            assert_eq!(answer.header("content-type"), Some(content_type));
            assert_eq!(answer.header("cache-control"), Some("no-cache"));
            assert_eq!(answer.header("vary"), Some("Accept-Encoding, Origin"));
            let etag = answer.header("etag").unwrap();
            let known = get(addr, &file, &[("If-None-Match", etag)]).await;
            assert_eq!((known.status, known.body.len()), (304, 0), "{file}");
            let packed = get(addr, &file, &[("Accept-Encoding", "gzip, deflate, br")]).await;
            assert_eq!(unzipped(&packed), answer.text(), "{file}");
        }
    }
    for file in ["socket.io.esm.js", "broadcast.js", "socket.io.js.map.map", "dist/socket.io.js"] {
        assert_eq!(get(addr, file, &[]).await.header("etag"), None, "{file}");
    }
    // There is no 0.9 to make these of.
    assert_eq!(get(addr, "socket.io+websocket.js", &[]).await.status, 500);
    assert_eq!(get(addr, "static/flashsocket/WebSocketMain.swf", &[]).await.status, 404);
}

#[tokio::test]
async fn of_several_clients_the_newest_is_the_script_and_each_is_there_by_its_version() {
    let clients =
        [old("0.9.17"), modern("4.8.4"), old("0.9.16"), modern("4.10.0"), modern("2.5.0")];
    for order in [[0, 1, 2, 3, 4], [4, 3, 2, 1, 0]] {
        let addr = serve(build_with(order.map(|place| &clients[place]))).await;
        for (file, version, is_for_good) in [
            ("socket.io.js", "4.10.0", false),
            ("socket.io.esm.min.js", "4.10.0", false),
            ("socket.io.v4.10.0.js", "4.10.0", true),
            ("socket.io.v4.8.4.js", "4.8.4", true),
            ("socket.io.v2.5.0.js", "2.5.0", true),
            ("socket.io.v0.9.16.js", "0.9.16", true),
            ("socket.io.v0.9.17.js", "0.9.17", true),
            // The nearest there is.
            ("socket.io.v0.9.1.js", "0.9.17", false),
            ("socket.io.v2.0.0.js", "2.5.0", false),
            ("socket.io.v3.0.0.js", "4.10.0", false),
        ] {
            let answer = get(addr, file, &[]).await;
            let text = answer.text();
            let last = text.lines().last().unwrap();
            assert!(last.contains(version), "{file}: {last}");
            let cache =
                if is_for_good { "public, max-age=31536000, immutable" } else { "no-cache" };
            assert_eq!(answer.header("cache-control"), Some(cache), "{file}");
        }
        for (file, status) in [
            ("socket.io+websocket.js", 200),
            ("socket.io+websocket.v0.9.16.js", 200),
            ("static/flashsocket/WebSocketMain.swf", 200),
        ] {
            assert_eq!(get(addr, file, &[]).await.status, status, "{file}");
        }
    }
}

#[tokio::test]
async fn modules_can_be_loaded_by_the_pages_that_may_connect() {
    let addr = serve(build_with([&modern("4.8.4"), &old("0.9.17")])).await;
    for (origin, allowed) in [("https://page.example", true), ("https://evil.example", false)] {
        for file in ["socket.io.esm.min.js", "socket.io.js", "socket.io.min.js.map"] {
            let answer = get(addr, file, &[("Origin", origin)]).await;
            assert_eq!(answer.status, 200);
            let found = answer.header("access-control-allow-origin");
            assert_eq!(found, allowed.then_some(origin), "{file} for {origin}");
            assert_eq!(answer.header("vary"), Some("Accept-Encoding, Origin"));
        }
        // Scripts of 0.9 are no modules: their answers are the same for all.
        let answer = get(addr, "socket.io.v0.9.17.js", &[("Origin", origin)]).await;
        assert_eq!(answer.header("access-control-allow-origin"), None);
        assert_eq!(answer.header("vary"), Some("Accept-Encoding"));
    }
}
