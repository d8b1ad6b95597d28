//! What `#[endpoints]` and `#[on_endpoint]` take and give.
#![deny(warnings)]
#![allow(unexpected_cfgs)]

use std::convert::Infallible;
use std::io;

use socketio_core::prelude::*;
use socketio_core::{Context, FromConnection, SocketConnection, SocketIo};

#[derive(Clone)]
struct App {
    db: Db,
}

#[derive(Clone)]
struct Db;

impl FromRef<App> for Db {
    fn from_ref(app: &App) -> Self {
        app.db.clone()
    }
}

#[derive(Default)]
struct Plain;

#[socket_connection]
impl Plain {}

#[derive(Default)]
struct Game;

#[socket_connection]
impl Game {
    #[event]
    fn play(&self, State(Db): State<Db>) {}
}

struct Word;

impl<'a, S> FromConnection<'a, S> for Word {
    fn from_connection(_: &Context<'a, S>) -> Self {
        Self
    }
}

#[derive(Default)]
struct Patterns;

#[socket_connection]
#[endpoints(
    "/room/{id}" => Plain,
    "/room/{name}/{id}" => Plain,
    "/room/{id}/members" => Game,
    "/room/lobby" => Plain,
    "/room/" => Plain,
    "/files/{*rest}" => Plain,
    "/files/readme/{part}" => Plain,
    "/files" => Plain,
    "/{any}" => Plain,
    "/{any}/{*rest}" => Plain,
    "/*" => Plain,
)]
impl Patterns {}

/// A part of the server's state, and every context.
#[derive(Default)]
struct Part;

#[socket_connection]
impl Part {
    #[on_endpoint]
    async fn endpoint(
        socket: &Socket,
        info: &ConnectionInfo,
        path: &str,
        State(app): State<App>,
        Extension(_kept): Extension<u32>,
        #[ctx] _word: Word,
    ) -> Result<Option<Endpoint<Db>>, Reject> {
        let App { db: Db } = app;
        let known = std::future::ready(path == socket.endpoint()).await;
        let _name = info.query("name").ok_or(Reject::unauthorized("who?"))?;
        Ok(known.then(Endpoint::of::<Game>))
    }
}

/// None of it.
#[derive(Default)]
struct Nothing;

#[socket_connection]
impl Nothing {
    #[on_endpoint]
    fn endpoint() -> Endpoint<()> {
        Endpoint::of::<Plain>()
    }
}

#[derive(Default)]
struct Errors;

#[socket_connection]
impl Errors {
    #[on_endpoint]
    fn endpoint<'a>(path: &'a str) -> io::Result<socketio_core::Endpoint> {
        match path {
            "/" => Err(io::ErrorKind::NotFound.into()),
            _ => Ok(Endpoint::of::<Plain>()),
        }
    }
}

/// The state and the type are somebody else's choice.
struct Generic<T, S>(std::marker::PhantomData<(T, S)>);

#[socket_connection]
impl<T, S> Generic<T, S>
where
    T: SocketConnection<S>,
    S: Clone + Send + Sync + 'static,
{
    #[on_open]
    fn open() -> Self {
        Self(std::marker::PhantomData)
    }

    #[on_endpoint]
    fn endpoint(_: &str) -> Result<Endpoint<S>, Infallible> {
        Ok(Endpoint::of::<T>())
    }
}

#[derive(Default)]
struct Conditional;

#[socket_connection]
impl Conditional {
    #[cfg(left_out)]
    #[on_endpoint]
    fn endpoint(path: &str, _: State<Nowhere>) -> Option<Endpoint<Nowhere>> {}

    #[cfg(not(left_out))]
    #[on_endpoint]
    fn endpoint(path: &str) -> Option<Endpoint<Db>> {
        path.starts_with("/game").then(Endpoint::of::<Game>)
    }
}

fn main() {
    let app = || App { db: Db };
    let _server = SocketIo::builder::<Patterns>().state(app()).build();
    let _server = SocketIo::builder::<Part>().state(app()).build();
    let _server = SocketIo::builder::<Nothing>().build();
    let _server = SocketIo::builder::<Errors>().state(1).build();
    let _server = SocketIo::builder::<Generic<Game, Db>>().state(app()).build();
    let _server = SocketIo::builder::<Conditional>().state(Db).build();
}
