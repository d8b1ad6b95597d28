//! How the server ends: the options, and what applications that run an HTTP server of their own need for it.
//!
//! The end itself is [`Server::close`](crate::Server::close)'s.

use std::future::Future;
use std::io;
use std::time::Duration;

use super::{Builder, SocketIo};

impl<T, S> Builder<T, S> {
    /// How long clients have to go and handlers to answer when the server stops. Default: 10 s. Then handlers are
    /// cancelled; see [`close`](crate::Server::close). What is behind that takes another 12 s at most: 6 for the handlers of
    /// `#[on_close]`, 5 for the adapter, and 1 for requests to the application. Whoever stops the process should wait as long
    /// before it kills it: Kubernetes waits for 30 s, systemd for 90 s, Docker has to be told (`--stop-timeout`).
    pub fn shutdown_timeout(mut self, timeout: Duration) -> Self {
        self.shutdown.timeout = timeout;
        self
    }

    /// Over how long clients are sent away when the server stops, so that they do not all reconnect at the same moment.
    /// Default: 5 s. Less where there are few: no more than a millisecond for each; and no more than half of
    /// [`shutdown_timeout`](Self::shutdown_timeout). Zero sends all away at once.
    pub fn shutdown_window(mut self, window: Duration) -> Self {
        self.shutdown.window = window;
        self
    }
}

impl SocketIo {
    /// Waits for a signal and then [closes](crate::Server::close) the server: what an HTTP server that is not
    /// [`serve`](Self::serve) is to wait for before it stops, for clients that poll come for their last answers, and WebSockets
    /// are no connections of it any more.
    ///
    /// ```no_run
    /// # use socketio_core::{SocketIo, prelude::*};
    /// # #[derive(Default)]
    /// # struct Lobby;
    /// # #[socket_connection]
    /// # impl Lobby {}
    /// # async fn run() -> std::io::Result<()> {
    /// let io = SocketIo::builder::<Lobby>().build();
    /// let app = axum::Router::new().merge(io.router());
    /// let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    /// axum::serve(listener, app)
    ///     .with_graceful_shutdown(io.close_on(socketio_core::stop_signal()?))
    ///     .await
    /// # }
    /// ```
    pub fn close_on<F>(&self, signal: F) -> impl Future<Output = ()> + Send + use<F>
    where
        F: Future<Output = ()> + Send,
    {
        let server = (**self).clone();
        async move {
            signal.await;
            server.close().await;
        }
    }
}

/// Waits until the process is told to stop: SIGTERM, Ctrl-C. From the call on, neither ends it any more.
///
/// # Errors
///
/// When the system does not let it listen.
#[cfg(unix)]
pub fn stop_signal() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    Ok(async move {
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
        }
    })
}

/// Waits until the process is told to stop: Ctrl-C.
///
/// # Errors
///
/// When the system does not let it listen.
#[cfg(not(unix))]
pub fn stop_signal() -> io::Result<impl Future<Output = ()> + Send + 'static> {
    Ok(async {
        let _unavailable = tokio::signal::ctrl_c().await;
    })
}
