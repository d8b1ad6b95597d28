//! A page of one origin, servers of others: one that names the page, one that names nobody.
//!
//! `cargo run --bin cross_site` prints the address of the page, `pages/cross_site.html`; the servers
//! listen on the next two ports, or on any with `--port 0`. A page at another port is of another origin.

use axum::Router;
use socketio_core::{Origins, SocketIo, prelude::*};
use socketio_examples::{Options, bind};

/// One connection, from whatever page.
#[derive(Default)]
struct Guest;

#[socket_connection]
impl Guest {
    /// The client's browser says which page it is.
    #[on_open]
    fn open(socket: &Socket, info: &ConnectionInfo) -> Result<Self, EmitError> {
        let origin = info.header("origin").unwrap_or("nowhere");
        socket.send(format!("You come from a page of {origin}."))?;
        Ok(Self)
    }

    /// `socket.send('Hello!')`, and everybody gets it.
    #[event("message")]
    fn say(&self, socket: &Socket, text: &str) -> Result<(), EmitError> {
        socket.server().of("").send(text)
    }
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let options = Options::read();
    let at_page = options.listen("Cross site").await?;
    let origin = at_page.local_addr()?;
    let at_friend = bind(options.address_after(1)).await?;
    let at_stranger = bind(options.address_after(2)).await?;

    // Where any address of this machine will do, so will any host with the page's port.
    let origins = if origin.ip().is_unspecified() {
        vec![format!("*:{}", origin.port())]
    } else {
        vec![format!("http://{origin}"), format!("http://localhost:{}", origin.port())]
    };
    let friend = SocketIo::builder::<Guest>().origins(Origins::List(origins)).build();
    // By default only pages of the server's own host and port are let in.
    let stranger = SocketIo::builder::<Guest>().build();

    let html = include_str!("../../pages/cross_site.html")
        .replace("{{friend}}", &at_friend.local_addr()?.port().to_string())
        .replace("{{stranger}}", &at_stranger.local_addr()?.port().to_string());
    tokio::select! {
        served = axum::serve(at_page, options.page(html)) => served,
        served = async {
            tokio::try_join!(
                friend.serve(at_friend, Router::new()),
                stranger.serve(at_stranger, Router::new()),
            )
        } => served.map(|_| ()),
    }
}
