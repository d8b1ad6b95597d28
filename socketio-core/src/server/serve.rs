//! Running the server: accepting connections until told to stop, then stopping without loss.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tower_layer::Layer as _;
use tower_service::Service as _;

use super::{Layered, SocketIo};

/// How long a client may take to send the head of a request, and how long an idle connection is kept:
/// longer than the 60 seconds for which proxies commonly keep theirs, or they would send requests into
/// connections that just close.
const HEADER_TIMEOUT: Duration = Duration::from_secs(75);
/// How long clients and handlers have to end when the server stops.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(10);
/// How long to wait when the system has no socket to give.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);

impl SocketIo {
    /// Serves an application, with this server in front of it, until the process is told to stop
    /// (SIGTERM, Ctrl-C).
    ///
    /// Then no connection is accepted any more, every client is disconnected in the way that makes
    /// it reconnect (to the next process), and handlers run to their end, for at most 10 seconds.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future stops accepting; connections that are there live on until
    /// [`Server::close`](crate::Server::close).
    ///
    /// # Errors
    ///
    /// When the signal handlers can't be set up.
    pub async fn serve(&self, listener: TcpListener, app: Router) -> io::Result<()> {
        let stop = stop_signal()?;
        self.serve_until(listener, app, stop).await;
        Ok(())
    }

    /// As [`SocketIo::serve`], until `stop` is ready. Cancel safety is as there.
    pub async fn serve_until(
        &self,
        listener: TcpListener,
        app: Router,
        stop: impl Future<Output = ()>,
    ) {
        let app = self.layer().layer(app);
        let (stopping, stopped) = watch::channel(());
        let mut stop = std::pin::pin!(stop);
        loop {
            let accepted = tokio::select! {
                accepted = listener.accept() => accepted,
                () = &mut stop => break,
            };
            match accepted {
                Ok((stream, addr)) => serve_one(stream, addr, app.clone(), stopped.clone()),
                Err(error) if is_of_the_peer(&error) => {}
                Err(error) => {
                    tracing::warn!(%error, "can't accept connections");
                    tokio::time::sleep(ACCEPT_PAUSE).await;
                }
            }
        }
        drop((listener, stopped));
        let ended = async {
            self.close().await;
            stopping.send_replace(());
            stopping.closed().await;
        };
        if tokio::time::timeout(SHUTDOWN_GRACE, ended).await.is_err() {
            tracing::warn!(sessions = self.sessions(), "stopped with clients still connected");
        }
    }
}

/// Serves one connection, which ends after the request under way once `stopped` changes.
fn serve_one(
    stream: TcpStream,
    addr: SocketAddr,
    app: Layered<Router>,
    mut stopped: watch::Receiver<()>,
) {
    // Packets are small and coalesced already; waiting for more only delays them.
    let _without = stream.set_nodelay(true);
    let service = service_fn(move |mut request: hyper::Request<Incoming>| {
        request.extensions_mut().insert(ConnectInfo(addr));
        app.clone().call(request)
    });
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADER_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service)
        .with_upgrades();
    tokio::spawn(async move {
        let mut connection = std::pin::pin!(connection);
        let result = tokio::select! {
            result = connection.as_mut() => result,
            _ = stopped.changed() => {
                connection.as_mut().graceful_shutdown();
                connection.await
            }
        };
        if let Err(error) = result {
            tracing::debug!(%error, %addr, "connection ended");
        }
    });
}

/// Whether accepting failed because of the one who connected.
fn is_of_the_peer(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

#[cfg(unix)]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
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

#[cfg(not(unix))]
fn stop_signal() -> io::Result<impl Future<Output = ()>> {
    Ok(async {
        let _unavailable = tokio::signal::ctrl_c().await;
    })
}
