//! What the server offers, and to whom: transports, origins, the Flash policy, the client's files.
//!
//! Options of the [`Builder`] go in; an [`Edge`] comes out when the server is built, or the reason why
//! there can't be one. It is read by whatever answers requests and never changes. Nothing of a request
//! becomes a path: all files are read here.

use std::path::PathBuf;

use super::Builder;
use super::client::ClientFiles;
use super::flash::Policy;
use super::headers::{AddHeaders, StickyCookie};
use crate::driver::Transport;
use crate::transport::{AllowedOrigins, Origins};

/// The options, as they were given.
pub(super) struct EdgeOptions {
    transports: Vec<Transport>,
    origins: Origins,
    flash_policy_file: Option<PathBuf>,
    flash_policy_port: Option<u16>,
    client_dirs: Vec<PathBuf>,
    pub(super) cookie: Option<StickyCookie>,
    pub(super) add_headers: Option<AddHeaders>,
    pub(super) compress_from: Option<usize>,
}

/// Those of TornadIO2, and for what it has not, of socket.io 4.
impl Default for EdgeOptions {
    fn default() -> Self {
        Self {
            transports: Transport::ALL.to_vec(),
            origins: Origins::default(),
            flash_policy_file: None,
            flash_policy_port: None,
            client_dirs: Vec::new(),
            cookie: None,
            add_headers: None,
            compress_from: Some(1024),
        }
    }
}

/// The options, understood, and the files that they name.
pub(super) struct Edge {
    /// Those of clients 0.7 to 0.9, the preferred one first.
    pub(super) transports: Vec<Transport>,
    /// Whether later clients may poll.
    pub(super) polls: bool,
    /// Whether they may open WebSockets.
    pub(super) websockets: bool,
    pub(super) origins: AllowedOrigins,
    pub(super) flash_policy: Policy,
    pub(super) flash_policy_port: Option<u16>,
    pub(super) client: ClientFiles,
    pub(super) cookie: Option<StickyCookie>,
    pub(super) add_headers: Option<AddHeaders>,
    /// From how many bytes on polls are answered compressed.
    pub(super) compress_from: Option<usize>,
}

impl EdgeOptions {
    /// # Errors
    ///
    /// The first reason why a server can't work with these options.
    pub(super) fn read(self) -> Result<Edge, String> {
        let Self { transports, flash_policy_port, cookie, add_headers, compress_from, .. } = self;
        let has_flash = transports.contains(&Transport::FlashSocket);
        if transports.is_empty() {
            return Err("`transports` is empty: no client could ever connect".into());
        }
        if let Some(twice) = (1..).zip(&transports).find_map(|(behind, transport)| {
            transports.iter().skip(behind).find(|other| *other == transport)
        }) {
            return Err(format!("`transports` names {} twice", twice.as_str()));
        }
        if !has_flash && (flash_policy_port.is_some() || self.flash_policy_file.is_some()) {
            return Err("there is a Flash policy, but `transports` is without flashsocket".into());
        }
        if flash_policy_port == Some(0) {
            return Err("`flash_policy_port` is 0: nobody could find it".into());
        }
        let origins = AllowedOrigins::new(self.origins).map_err(|entry| entry.to_string())?;
        let flash_policy = match self.flash_policy_file {
            Some(file) => Policy::read(&file)?,
            None => Policy::for_hosts(&origins.hosts()),
        };
        if cookie.as_ref().is_some_and(|cookie| !cookie.has_valid_name()) {
            return Err("`cookie` has a name that no cookie can have".into());
        }
        let client = ClientFiles::read(&self.client_dirs);
        let (polls, websockets) =
            [Transport::Polling, Transport::WebSocket].map(|one| transports.contains(&one)).into();
        let transports = transports.into_iter().filter(|one| *one != Transport::Polling).collect();
        Ok(Edge {
            transports,
            polls,
            websockets,
            origins,
            flash_policy,
            flash_policy_port,
            client,
            cookie,
            add_headers,
            compress_from,
        })
    }
}

impl Edge {
    /// The transport of this name, if it is offered.
    pub(super) fn transport(&self, name: &str) -> Option<Transport> {
        self.transports.iter().copied().find(|offered| offered.as_str() == name)
    }
}

impl<T, S> Builder<T, S> {
    /// The transports that clients are offered, the preferred one first. Default: `websocket`,
    /// `flashsocket`, `htmlfile`, `polling`, `xhr-polling`, `jsonp-polling`. Clients that ask for another are
    /// answered 400.
    ///
    /// Those of 0.7 to 0.9 use all but `polling` (TornadIO2's `enabled_protocols`, socket.io 0.9's
    /// `transports`) and try them in this order. Those since 1.0 use `websocket` and `polling` (which for
    /// those of 1 and 2 includes scripts, JSONP), and choose the order themselves.
    ///
    /// WebSockets are not compressed (permessage-deflate): a compressor takes some 300 KB for each
    /// connection that keeps its context, one without context saves little on messages as small as these,
    /// and no WebSocket library for Rust that is well looked after has it: tungstenite has been asked since
    /// 2017. Clients offer it and do without.
    ///
    /// ```
    /// # use socketio_core::{SocketIo, Transport, prelude::*};
    /// # #[derive(Default)]
    /// # struct Lobby;
    /// # #[socket_connection]
    /// # impl Lobby {}
    /// let io = SocketIo::builder::<Lobby>()
    ///     .transports([Transport::WebSocket, Transport::XhrPolling])
    ///     .build();
    /// ```
    pub fn transports(mut self, transports: impl IntoIterator<Item = Transport>) -> Self {
        self.edge.transports = transports.into_iter().collect();
        self
    }

    /// The pages whose scripts may connect (socket.io 0.9's `origins`, which lets all). Default: those of the
    /// same host. Protects visitors from pages that would act with their cookies. A page that hides where
    /// it comes from (`Referrer-Policy: no-referrer`) and whose browser says no `Sec-Fetch-Site` can't poll by
    /// scripts, unless all may.
    pub fn origins(mut self, origins: Origins) -> Self {
        self.edge.origins = origins;
        self
    }

    /// The Flash policy, as XML, that a Flash client asks for before it opens a `flashsocket`. Default:
    /// one that names the hosts of `origins`, with any port. The same host can't be named in it, for
    /// nothing tells the server what it is called: without a list of origins the policy lets nobody in.
    ///
    /// [`SocketIo::serve`](crate::SocketIo::serve) gives it out on its own port; Flash looks for it on
    /// port 843 first.
    pub fn flash_policy_file(mut self, file: impl Into<PathBuf>) -> Self {
        self.edge.flash_policy_file = Some(file.into());
        self
    }

    /// A port that gives out the Flash policy beside the server's own, at the same address; opened and
    /// closed by [`SocketIo::serve`](crate::SocketIo::serve). Default: none. Flash looks at 843, socket.io
    /// 0.9 has 10843 for those who are not root and forward the former.
    pub fn flash_policy_port(mut self, port: u16) -> Self {
        self.edge.flash_policy_port = Some(port);
        self
    }

    /// The folder of an npm install of `socket.io-client`, which is read once and served to pages. Called
    /// again, it adds another version, so that pages of every age find theirs.
    ///
    /// | URL | file |
    /// |---|---|
    /// | `/socket.io/socket.io.js` | `dist/socket.io.js` of the newest |
    /// | `/socket.io/socket.io.v0.9.17.js` | that of this version, to be kept for a year; or of the nearest there is |
    ///
    /// Of the newest since 2.0, with CORS headers for pages that may connect:
    ///
    /// | URL | file |
    /// |---|---|
    /// | `/socket.io/socket.io.min.js` | `dist/…`, as far as it is there; so for all below |
    /// | `/socket.io/socket.io.esm.min.js` | for `<script type="module">` |
    /// | `/socket.io/socket.io.msgpack.min.js` | with the MessagePack parser |
    /// | `/socket.io/socket.io.js.map`, and so on for each | for debuggers |
    ///
    /// Of the newest of 0.7 to 0.9:
    ///
    /// | URL | file |
    /// |---|---|
    /// | `/socket.io/socket.io+websocket+xhr-polling.js` | a script with only these transports, made of `lib/` |
    /// | `/socket.io/socket.io+websocket.v0.9.17.js` | the same, to be kept for a year if that is its version |
    /// | `/socket.io/static/flashsocket/WebSocketMain.swf`, `…/WebSocketMainInsecure.swf` | `dist/…` |
    ///
    /// A folder without `dist/socket.io.js` is logged. Without any, pages that ask for a script are sent to
    /// [the Socket.IO project's CDN](crate::CLIENT_URL), for the version that they name or one of
    /// Socket.IO 4.
    ///
    /// Of socket.io's settings `serveClient`, and in 0.9 `browser client`, is this option. `browser client
    /// cache`, `etag`, `gzip` and `expires` are always on: files are held in memory, with a strong `ETag`;
    /// scripts are compressed once, for those who take that. `browser client minification` is not there:
    /// compressed, the script of 0.9 as it is has 26 kB. For `browser client handler`, answer the path
    /// before this server sees it.
    pub fn client_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.edge.client_dirs.push(dir.into());
        self
    }
}
