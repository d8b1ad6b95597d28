//! Puts the client's script together from its sources, with the transports that a page wants.
//!
//! In go the folder `lib` of the npm package and then lists of transports; scripts come out, in the order
//! in which the package's own bin/builder.js joins them. Called for the client's files. What stands
//! between `// if node` and `// end node` is not for browsers and left out; `ActiveXObject` is not hidden
//! from filters as there. Source: socket.io-client 0.9.17 bin/builder.js.

use std::collections::BTreeMap;
use std::path::Path;

use crate::driver::Transport;

/// The files that every script begins with.
const BASE: [&str; 8] = [
    "io.js",
    "util.js",
    "events.js",
    "json.js",
    "parser.js",
    "transport.js",
    "socket.js",
    "namespace.js",
];

/// The license asks that it stays with the files.
const HEAD: &str = "/*! Socket.IO.js, put together by the server. Copyright(c) 2011 LearnBoost \
                    <dev@learnboost.com> MIT Licensed */\n\
                    var io = typeof module === 'undefined' ? {} : module.exports;\n(function () {\n";
const TAIL: &str = "\nif (typeof define === 'function' && define.amd) {\n  \
                    define([], function () { return io; });\n}\n})();\n";

/// The files that a transport needs, in order.
fn files_of(transport: Transport) -> &'static [&'static str] {
    match transport {
        Transport::WebSocket => &["transports/websocket.js"],
        Transport::FlashSocket => &[
            "transports/websocket.js",
            "transports/flashsocket.js",
            "vendor/web-socket-js/swfobject.js",
            "vendor/web-socket-js/web_socket.js",
        ],
        // Not one of this client's.
        Transport::Polling => &[],
        Transport::HtmlFile => &["transports/xhr.js", "transports/htmlfile.js"],
        Transport::XhrPolling => &["transports/xhr.js", "transports/xhr-polling.js"],
        Transport::JsonpPolling => {
            &["transports/xhr.js", "transports/xhr-polling.js", "transports/jsonp-polling.js"]
        }
    }
}

/// The client's sources, as far as they are for browsers, by name.
pub(super) struct Sources(BTreeMap<&'static str, String>);

impl Sources {
    /// Reads them all; `None` if one is missing.
    pub(super) fn read(lib: &Path) -> Option<Self> {
        let files = BASE.iter().chain(Transport::ALL.into_iter().flat_map(files_of));
        let read = |file: &&'static str| {
            let text = std::fs::read_to_string(lib.join(file)).ok()?;
            Some((*file, for_browsers(&text)))
        };
        files.map(read).collect::<Option<_>>().map(Self)
    }

    /// A script with these transports, which become the page's `io.transports` in that order; as in the
    /// reference, `flashsocket` brings `websocket` along, and `jsonp-polling` `xhr-polling`.
    pub(super) fn bundle(&self, transports: &[Transport]) -> String {
        let mut files = BASE.to_vec();
        for file in transports.iter().flat_map(|transport| files_of(*transport)) {
            if !files.contains(file) {
                files.push(file);
            }
        }
        let texts = files.into_iter().filter_map(|file| self.0.get(file)).map(String::as_str);
        [HEAD].into_iter().chain(texts).chain([TAIL]).collect()
    }
}

/// Leaves out what is only for Node.js.
fn for_browsers(text: &str) -> String {
    let mut depth = 0_usize;
    let lines = text.split_inclusive('\n').filter(|line| {
        let starts = line.contains("// if node");
        let ends = line.contains("// end node");
        depth += usize::from(starts);
        let is_kept = depth == 0;
        depth = depth.saturating_sub(usize::from(ends));
        is_kept
    });
    lines.collect()
}
