//! What the server offers, and to whom: transports, origins, the Flash policy, the client's files.
//!
//! Options of the [`Builder`] go in; an [`Edge`] comes out when the server is built, or the reason why
//! there can't be one. It is read by whatever answers requests and never changes. Nothing of a request
//! becomes a path: all files are read here.

use std::path::PathBuf;

use super::Builder;
use super::client::ClientFiles;
use super::flash::Policy;
use crate::driver::Transport;
use crate::transport::{AllowedOrigins, Origins};

/// The options, as they were given.
pub(super) struct EdgeOptions {
    transports: Vec<Transport>,
    origins: Origins,
    flash_policy_file: Option<PathBuf>,
    flash_policy_port: Option<u16>,
    client_dir: Option<PathBuf>,
}

/// Those of TornadIO2.
impl Default for EdgeOptions {
    fn default() -> Self {
        Self {
            transports: Transport::ALL.to_vec(),
            origins: Origins::default(),
            flash_policy_file: None,
            flash_policy_port: None,
            client_dir: None,
        }
    }
}

/// The options, understood, and the files that they name.
pub(super) struct Edge {
    /// The preferred one first.
    pub(super) transports: Vec<Transport>,
    pub(super) origins: AllowedOrigins,
    pub(super) flash_policy: Policy,
    pub(super) flash_policy_port: Option<u16>,
    pub(super) client: ClientFiles,
}

impl EdgeOptions {
    /// # Errors
    ///
    /// The first reason why a server can't work with these options.
    pub(super) fn read(self) -> Result<Edge, String> {
        let Self { transports, flash_policy_port, .. } = self;
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
        let client = ClientFiles::read(self.client_dir.as_deref());
        Ok(Edge { transports, origins, flash_policy, flash_policy_port, client })
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
    /// `flashsocket`, `htmlfile`, `xhr-polling`, `jsonp-polling` (TornadIO2's `enabled_protocols`,
    /// socket.io 0.9's `transports`). Clients that ask for another are answered 400.
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

    /// The folder of an npm install of `socket.io-client` 0.9, which is read once and served to pages:
    ///
    /// | URL | file |
    /// |---|---|
    /// | `/socket.io/socket.io.js` | `dist/socket.io.js` |
    /// | `/socket.io/socket.io.v0.9.17.js` | the same, to be kept for a year if that is its version |
    /// | `/socket.io/socket.io+websocket+xhr-polling.js` | a script with only these transports, made of `lib/` |
    /// | `/socket.io/socket.io+websocket.v0.9.17.js` | both |
    /// | `/socket.io/static/flashsocket/WebSocketMain.swf`, `…/WebSocketMainInsecure.swf` | `dist/…` |
    ///
    /// Without it, or without the first of these files, pages that ask for the whole script are sent to
    /// [the Socket.IO project's CDN](crate::CLIENT_URL).
    ///
    /// Of socket.io 0.9's settings `browser client` is this option. `browser client cache`, `etag`, `gzip`
    /// and `expires` are always on: files are held in memory, with a strong `ETag`; scripts are compressed
    /// once, for those who take that. `browser client minification` is not there: compressed, the script as
    /// it is has 26 kB. For `browser client handler`, answer the path before this server sees it.
    pub fn client_dir(mut self, dir: impl Into<PathBuf>) -> Self {
        self.edge.client_dir = Some(dir.into());
        self
    }
}
