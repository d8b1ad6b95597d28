//! https and wss: everything encrypted, with a certificate of its own or one that it is given.
//!
//! `cargo run --bin tls` prints the address to open; `pages/tls.html` is the other half. As nobody
//! vouches for a certificate that was just made, browsers warn; `--cert FILE --key FILE` takes one
//! from PEM files instead.

use std::io;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use axum_server::{Handle, tls_rustls::RustlsConfig};
use rustls::crypto::ring;
use socketio_core::{SocketIo, prelude::*};
use socketio_examples::{Options, bind};

/// How long requests may take to end when the server stops.
const GRACE: Duration = Duration::from_secs(5);

/// One connection. What it is encrypted with is none of its business.
#[derive(Default)]
struct Guest;

#[socket_connection]
impl Guest {
    /// `socket.send('Hello!')`, and everybody gets it.
    #[event("message")]
    fn say(&self, socket: &Socket, text: &str) -> Result<(), EmitError> {
        socket.server().of("").send(text)
    }
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let (options, files) = Options::read_with(["--cert", "--key"]);
    let (cert, key) = match files {
        [Some(cert), Some(key)] => (read(&cert)?, read(&key)?),
        [None, None] => self_signed(options.address.ip()).map_err(io::Error::other)?,
        _ => return Err(io::Error::other("`--cert` and `--key` go together")),
    };
    // Fails if there is one already, which is as good.
    let _first = ring::default_provider().install_default();
    let tls = RustlsConfig::from_pem(cert, key).await?;

    let io = SocketIo::builder::<Guest>().build();
    let app = options.page(include_str!("../../pages/tls.html")).merge(io.router());
    let listener = bind(options.address).await?.into_std()?;
    println!("TLS: https://{}", listener.local_addr()?);

    let handle = Handle::new();
    tokio::spawn(stop(io, handle.clone()));
    axum_server::from_tcp_rustls(listener, tls)?
        .handle(handle)
        .serve(app.into_make_service_with_connect_info::<SocketAddr>())
        .await
}

/// Stops in good order when told to: first the clients, who reconnect elsewhere, then the rest.
async fn stop(io: SocketIo, handle: Handle<SocketAddr>) {
    stop_signal().await;
    io.close().await;
    handle.graceful_shutdown(Some(GRACE));
}

/// Waits until the process is told to stop: SIGTERM, Ctrl-C. `SocketIo::serve` would do that by itself.
async fn stop_signal() {
    #[cfg(unix)]
    let terminate = async {
        use tokio::signal::unix::{SignalKind, signal};
        match signal(SignalKind::terminate()) {
            Ok(mut signal) => signal.recv().await,
            Err(_) => std::future::pending().await,
        }
    };
    #[cfg(not(unix))]
    let terminate = std::future::pending::<Option<()>>();
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate => {}
    }
}

/// Makes a certificate for this machine, and its key, as PEM.
fn self_signed(ip: IpAddr) -> Result<(Vec<u8>, Vec<u8>), rcgen::Error> {
    let names = ["localhost", "127.0.0.1", "::1", &ip.to_string()].map(str::to_owned);
    let made = rcgen::generate_simple_self_signed(names)?;
    Ok((made.cert.pem().into_bytes(), made.signing_key.serialize_pem().into_bytes()))
}

/// Reads a file; an error names it.
fn read(file: &str) -> io::Result<Vec<u8>> {
    std::fs::read(file).map_err(|error| io::Error::new(error.kind(), format!("{file}: {error}")))
}
