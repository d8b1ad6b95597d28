//! Guards of every kind, beside conditions, generics and queues; arguments that are and are not `Validate`.

use std::collections::HashMap;
use std::marker::PhantomData;

use serde::Deserialize;
use socketio_core::{Context, EventGuard, FromConnection, Guard, NoState, SocketIo, prelude::*};

/// A part of the state need not be `Clone`.
struct Db;

#[derive(Clone)]
struct App;

impl FromRef<App> for Db {
    fn from_ref(_: &App) -> Self {
        Self
    }
}

struct Host(String);

impl<'a, S> FromConnection<'a, S> for Host {
    fn from_connection(cx: &Context<'a, S>) -> Self {
        Self(cx.socket().info().header("host").unwrap_or_default().to_owned())
    }
}

mod guards {
    use super::*;

    #[derive(Deserialize)]
    pub struct Login {
        pub token: String,
    }

    /// What the guard's function is, it stays.
    #[guard]
    #[allow(clippy::unused_async)]
    pub(crate) async fn login<'a>(
        socket: &'a Socket,
        Auth(login): Auth<Login>,
        State(Db): State<Db>,
        #[ctx] Host(host): Host,
        State(App): State<App>,
        Extension(_): Extension<u8>,
    ) -> Result<String, std::fmt::Error> {
        Ok(login.token + socket.endpoint() + &host)
    }

    #[guard]
    pub fn named(event: Event, _: &Event) -> Option<u32> {
        event.name().parse().ok()
    }

    #[cfg(left_out)]
    #[guard]
    fn nothing(_: Nowhere) {}
}

use guards::{login, named};

struct Level<const N: usize>(PhantomData<u8>);

impl<const N: usize> Guard for Level<N> {
    type Value = [u8; N];
    type State = NoState;

    async fn check(&self, _: &Socket, _: NoState) -> Result<[u8; N], Reject> {
        Ok([0; N])
    }
}

struct Kept<T>(PhantomData<fn() -> T>);

impl<T: Default + Send + Sync + 'static> EventGuard for Kept<T> {
    type Value = T;
    type State = Db;

    async fn check_event(&self, _: &Socket, _: &Event, Db: Db) -> Result<T, Reject> {
        Ok(T::default())
    }
}

#[derive(Default)]
struct Chat<T>(PhantomData<fn() -> T>);

#[derive(Deserialize)]
struct Even(u32);

impl Validate for Even {
    fn validate(&self) -> Result<(), Invalid> {
        if self.0 % 2 == 0 { Ok(()) } else { Err(Invalid::new("is odd")) }
    }
}

#[socket_connection]
#[guard(login)]
#[guard(Level::<3>(PhantomData))]
#[throttle(1_000, per = "1h")]
impl<T> Chat<T>
where
    T: Default + Send + Sync + 'static,
{
    #[on_open]
    fn open(bytes: Guarded<[u8; 3]>, token: Guarded<String>) -> Self {
        let _ = (bytes.len(), token.len());
        Self(PhantomData)
    }

    #[event(concurrent)]
    #[guard(named)]
    #[guard(Kept::<T>(PhantomData))]
    async fn both(&self, value: Guarded<T>, token: Guarded<String>, number: Guarded<u32>, even: Even) -> u32 {
        let _ = (&*value, token.as_str());
        *number + even.0
    }

    #[cfg(left_out)]
    #[event]
    #[guard(nowhere)]
    #[throttle(1, per = "1s")]
    fn left_out(&self, value: Guarded<Nowhere>) {}

    #[event]
    #[throttle(1, per = "250ms")]
    fn arguments(&self, all: Vec<HashMap<String, [Option<Box<Even>>; 2]>>, plain: (Even, String)) -> usize {
        all.len() + plain.1.len()
    }

    #[on_error]
    fn error(&self, error: &HandlerError, token: Guarded<String>) -> OnError {
        let _ = (error, token.len());
        OnError::Ignore
    }

    #[on_close]
    fn close(&self, token: Guarded<String>, again: Guarded<String>) {
        assert_eq!(*token, *again);
    }
}

fn main() {
    let builder = SocketIo::builder::<Chat<u8>>().state(App);
    let _server = builder.guard(login {}).event_guard(login {}).event_guard(named {}).build();
    assert_eq!(named(event(), &event()), Some(7));
}

fn event() -> Event {
    Event::new("7".into(), socketio_core::Args::from_json("[]".into()), None)
}
