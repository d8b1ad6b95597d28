//! The URL grammar: what a request's path asks for.
//!
//! ```text
//! /socket.io/1/                          handshake
//! /socket.io/1/xhr-polling/<id>          a transport of a session
//! /socket.io/1//<id>/?disconnect=1       goodbye, from a page that unloads
//! /socket.io/socket.io.js                one of the client's files
//! ```
//!
//! Source: socket.io 0.9.19 lib/manager.js (`checkRequest`), but the prefix is a whole segment here, not
//! just the start of one.

use super::client::ClientFile;

/// What a path asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route<'a> {
    /// Nothing of ours.
    Foreign,
    /// No protocol version in it, or too many segments.
    Welcome,
    /// A file of the client.
    File(ClientFile<'a>),
    /// A protocol version that is not spoken here.
    WrongVersion,
    /// A new session.
    Handshake,
    /// A transport, by name, of a session, by id; neither is checked yet.
    Session { transport: &'a str, id: &'a str },
}

/// The answer to what is under the server's path and asks for nothing.
pub(super) const WELCOME: &str = "Welcome to socket.io.";

/// What a path has behind the server's; nothing if it is another's.
pub(super) fn under<'a>(prefix: &str, path: &'a str) -> Option<&'a str> {
    let rest = path.strip_prefix(prefix)?;
    if rest.is_empty() { Some(rest) } else { rest.strip_prefix('/') }
}

/// Takes a path apart; `prefix` has no slash at its end.
pub(super) fn route<'a>(prefix: &str, path: &'a str) -> Route<'a> {
    let Some(rest) = under(prefix, path) else { return Route::Foreign };
    let rest = rest.strip_suffix('/').unwrap_or(rest);
    if let Some(file) = ClientFile::parse(rest) {
        return Route::File(file);
    }
    let mut segments = rest.split('/');
    let parts = (segments.next(), segments.next(), segments.next(), segments.next());
    match parts {
        (Some(version), transport, id, None) => match (version_of(version), transport, id) {
            (Some(1), Some(transport), Some(id)) => Route::Session { transport, id },
            (Some(1), _, None) => Route::Handshake,
            (Some(2..), ..) | (_, Some(_), Some(_)) => Route::WrongVersion,
            _ => Route::Welcome,
        },
        _ => Route::Welcome,
    }
}

/// The version as JavaScript's `Number` reads it, where it is a whole number: `1`, `01`, `1.0`.
fn version_of(text: &str) -> Option<u32> {
    let digits = text.split_once('.').map_or(text, |(whole, fraction)| {
        if fraction.bytes().all(|digit| digit == b'0') { whole } else { "" }
    });
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_ask_for_what_the_reference_understands() {
        let session = |transport, id| Route::Session { transport, id };
        let script = |version| Route::File(ClientFile::Script { version });
        let bundle = |name, transports, version| {
            Route::File(ClientFile::Bundle { name, transports, version })
        };
        let other = |name| Route::File(ClientFile::Other(name));
        let flash = |name| Route::File(ClientFile::Flash(name));
        for (path, expected) in [
            ("/socket.io", Route::Welcome),
            ("/socket.io/", Route::Welcome),
            ("/socket.io/0/", Route::Welcome),
            ("/socket.io/foo/", Route::Welcome),
            ("/socket.io/1/a/b/c", Route::Welcome),
            ("/socket.io/socket.io.slim.js", Route::Welcome),
            ("/socket.io/socket.io.esm.min.js.map", other("socket.io.esm.min.js.map")),
            ("/socket.io/socket.io.min.js", other("socket.io.min.js")),
            ("/socket.io/socket.io.v0.9.js", Route::Welcome),
            ("/socket.io/socket.io.v0.9.x.js", Route::Welcome),
            ("/socket.io/socket.io.v0.9.17.2.js", Route::Welcome),
            ("/socket.io/socket.io-websocket.js", Route::Welcome),
            ("/socket.io/static/flashsocket/web_socket.js", Route::WrongVersion),
            ("/socket.io/socket.io.js", script(None)),
            ("/socket.io/socket.io.v0.9.17.js", script(Some("0.9.17"))),
            ("/socket.io/socket.io+a+b-c.js", bundle("socket.io+a+b-c.js", "a+b-c", None)),
            (
                "/socket.io/socket.io+a.v1.2.3.js",
                bundle("socket.io+a.v1.2.3.js", "a", Some("1.2.3")),
            ),
            ("/socket.io/socket.io+../x.js", bundle("socket.io+../x.js", "../x", None)),
            ("/socket.io/static/flashsocket/WebSocketMain.swf", flash("WebSocketMain.swf")),
            (
                "/socket.io/static/flashsocket/WebSocketMainInsecure.swf",
                flash("WebSocketMainInsecure.swf"),
            ),
            ("/socket.io/1", Route::Handshake),
            ("/socket.io/1/", Route::Handshake),
            ("/socket.io/01/", Route::Handshake),
            ("/socket.io/1.0/", Route::Handshake),
            ("/socket.io/1/websocket", Route::Handshake),
            ("/socket.io/1/websocket/", Route::Handshake),
            ("/socket.io/1/websocket/abc", session("websocket", "abc")),
            ("/socket.io/1/websocket/abc/", session("websocket", "abc")),
            ("/socket.io/1//abc/", session("", "abc")),
            ("/socket.io/2/", Route::WrongVersion),
            ("/socket.io/2/xhr-polling/abc", Route::WrongVersion),
            ("/socket.io/foo/xhr-polling/abc", Route::WrongVersion),
            ("/socket.ioxyz/1/", Route::Foreign),
            ("/other", Route::Foreign),
            ("/", Route::Foreign),
        ] {
            assert_eq!(route("/socket.io", path), expected, "{path}");
        }
    }
}
