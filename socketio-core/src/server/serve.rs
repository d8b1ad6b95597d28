//! Running the server: accepting connections until told to stop, then stopping without loss.
//!
//! A listener and an application go in. Every connection is a task of its own, which looks whether Flash
//! asks for its policy, and which hyper drives until it is upgraded; a session's transport is then in that
//! session's task. When the server stops nothing is cut off that ends by itself within `shutdown_timeout`.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::ConnectInfo;
use futures_util::FutureExt as _;
use futures_util::future::Either;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::time::Instant;
use tower_service::Service as _;

use super::flash::{answer_flash, serve_policy};
use super::service::{answer, is_ours};
use super::shutdown::stop_signal;
use super::{Core, SocketIo};
use crate::adapter::deadline;
use crate::driver::Transport;
use crate::transport::Accepted;

/// How long a client may take to send the head of a request, and how long an idle connection is kept:
/// longer than the 60 seconds for which proxies commonly keep theirs, or they would send requests into
/// connections that just close.
const HEADER_TIMEOUT: Duration = Duration::from_secs(75);
/// Bytes of a request's head, which is all that a connection holds of a peer that has not said what it wants.
const HEAD_BYTES: usize = 64 * 1024;
/// How long requests under way have to end once the server has closed, if `shutdown_timeout` is over.
const REQUEST_GRACE: Duration = Duration::from_secs(1);
/// How long to wait when the system has no socket to give.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// How long there is no trouble until what comes is another.
const QUIET: Duration = Duration::from_secs(60);

impl SocketIo {
    /// Serves an application, with this server in front of it, until the process is told to stop
    /// (SIGTERM, Ctrl-C).
    ///
    /// Then the server [closes](crate::Server::close): new clients are answered 503 with `Retry-After`, and those that are
    /// there are sent away in the way that makes them reconnect (to the next process). Connections are
    /// accepted until that is done, for clients that poll come for their last answers; requests to the application are
    /// answered, for as long as `shutdown_timeout` says.
    ///
    /// Where `flashsocket` is offered, Flash's question for its policy is answered on the same port, and on
    /// [`flash_policy_port`](crate::Builder::flash_policy_port) if there is one.
    ///
    /// # Cancel safety
    ///
    /// Dropping the future stops accepting; connections that are there live on until
    /// [`Server::close`](crate::Server::close).
    ///
    /// # Errors
    ///
    /// When the signal handlers can't be set up, or the Flash policy port can't be opened.
    pub async fn serve(&self, listener: TcpListener, app: Router) -> io::Result<()> {
        let stop = stop_signal()?;
        let policy = self.bind_flash_policy(&listener).await?;
        self.run(listener, policy, app, stop).await;
        Ok(())
    }

    /// As [`SocketIo::serve`], until `stop` is ready. Cancel safety is as there. A Flash policy port
    /// that can't be opened is logged; Flash clients then ask the server's own port.
    pub async fn serve_until(
        &self,
        listener: TcpListener,
        app: Router,
        stop: impl Future<Output = ()>,
    ) {
        let policy = self.bind_flash_policy(&listener).await.unwrap_or_else(|error| {
            tracing::error!(%error, "no Flash policy port");
            None
        });
        self.run(listener, policy, app, stop).await;
    }

    /// Opens the Flash policy port, if there is to be one, at the address of the server's own.
    async fn bind_flash_policy(&self, listener: &TcpListener) -> io::Result<Option<TcpListener>> {
        let Some(port) = self.core.config.edge.flash_policy_port else { return Ok(None) };
        let addr = SocketAddr::new(listener.local_addr()?.ip(), port);
        let bound = TcpListener::bind(addr).await;
        let named = |error: io::Error| {
            io::Error::new(error.kind(), format!("the Flash policy port {addr}: {error}"))
        };
        bound.map(Some).map_err(named)
    }

    async fn run(
        &self,
        listener: TcpListener,
        policy: Option<TcpListener>,
        app: Router,
        stop: impl Future<Output = ()>,
    ) {
        let (stopping, stopped) = watch::channel(());
        let serving = async {
            let (mut failing, mut full) = (Trouble::default(), Trouble::default());
            loop {
                let (stream, addr) = accept(&listener, &mut failing).await;
                let Some(place) = self.core.config.gate.accept() else {
                    self.core.hub.counters.turned_away();
                    if full.is_new() {
                        tracing::warn!("closing new connections: there are `max_connections`");
                    }
                    continue;
                };
                let accepted = Accepted::new(stream, Some(place));
                let connection = Connection { accepted, addr, stopped: stopped.clone() };
                tokio::spawn(connection.serve(Arc::clone(&self.core), app.clone()));
            }
        };
        let policies = async {
            match &policy {
                Some(policy) => serve_policy(policy, &self.core.config.edge.flash_policy).await,
                None => std::future::pending().await,
            }
        };
        let until = async {
            stop.await;
            let until = Instant::from_std(deadline(self.core.hub.shutdown.timeout));
            self.close().await;
            until.max(Instant::now() + REQUEST_GRACE)
        };
        // Only the first ever ends.
        let until = tokio::select! {
            until = until => until,
            () = serving => return,
            () = policies => return,
        };
        drop((listener, policy, stopped));
        stopping.send_replace(());
        if tokio::time::timeout_at(until, stopping.closed()).await.is_err() {
            tracing::warn!("stopped with requests still under way");
        }
    }
}

/// What goes wrong again and again, and is said once.
#[derive(Default)]
pub(super) struct Trouble {
    last: Option<Instant>,
}

impl Trouble {
    /// Something went wrong; whether nothing did for a while.
    fn is_new(&mut self) -> bool {
        let now = Instant::now();
        self.last.replace(now).is_none_or(|last| now.duration_since(last) > QUIET)
    }
}

/// Accepts the next connection; what keeps the system from it is logged once and waited out.
pub(super) async fn accept(
    listener: &TcpListener,
    failing: &mut Trouble,
) -> (TcpStream, SocketAddr) {
    loop {
        match listener.accept().await {
            Ok(accepted) => return accepted,
            Err(error) if is_of_the_peer(&error) => {}
            Err(error) => {
                if failing.is_new() {
                    tracing::warn!(%error, "can't accept connections");
                }
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
}

/// A connection that was accepted, and word of the server's end.
struct Connection {
    accepted: Accepted,
    addr: SocketAddr,
    stopped: watch::Receiver<()>,
}

impl Connection {
    /// Serves a connection, which ends after the request under way once `stopped` changes.
    async fn serve(mut self, core: Arc<Core>, app: Router) {
        // Packets are small and coalesced already; waiting for more only delays them.
        let _without = self.accepted.stream.set_nodelay(true);
        let edge = &core.config.edge;
        if edge.transports.contains(&Transport::FlashSocket) {
            let answered = answer_flash(self.accepted.stream, &edge.flash_policy);
            let answered = tokio::select! {
                answered = tokio::time::timeout(HEADER_TIMEOUT, answered) => answered,
                _ = self.stopped.changed() => return,
            };
            let Ok(Ok(Some(stream))) = answered else { return };
            self.accepted.stream = stream;
        }
        self.serve_http(core, app).await;
    }

    async fn serve_http(self, core: Arc<Core>, app: Router) {
        let Self { accepted, addr, mut stopped } = self;
        let service = service_fn(move |mut request: hyper::Request<Incoming>| {
            if is_ours(&core, &request) {
                return Either::Left(answer(&core, request, Some(addr)).map(Ok));
            }
            request.extensions_mut().insert(ConnectInfo(addr));
            Either::Right(app.clone().call(request))
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_TIMEOUT)
            .max_buf_size(HEAD_BYTES)
            .serve_connection(TokioIo::new(accepted), service)
            .with_upgrades();
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
    }
}

/// Whether accepting failed because of the one who connected.
fn is_of_the_peer(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn trouble_that_goes_on_is_said_once_until_it_has_been_over_for_a_while() {
        let mut trouble = Trouble::default();
        assert!(trouble.is_new());
        for _ in 0..10_000 {
            tokio::time::advance(ACCEPT_PAUSE).await;
            assert!(!trouble.is_new());
        }
        tokio::time::advance(QUIET + ACCEPT_PAUSE).await;
        assert!(trouble.is_new() && !trouble.is_new());
    }
}
