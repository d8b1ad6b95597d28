//! A handler that is left out leaves nothing behind, not even what its parameters ask for.
#![deny(warnings)]
#![allow(unexpected_cfgs)]

use socketio_core::prelude::*;
use socketio_core::{Context, FromConnection};

#[derive(Clone)]
struct App;

struct Id;

impl<'a, S> FromConnection<'a, S> for Id {
    fn from_connection(_: &Context<'a, S>) -> Self {
        Self
    }
}

#[derive(Default)]
struct Chat;

#[socket_connection]
impl Chat {
    #[cfg(left_out)]
    #[on_open]
    fn open(_: State<Nowhere>) -> Option<Self> {
        None
    }

    #[cfg(not(left_out))]
    #[event]
    fn hello(&self, State(App): State<App>, #[ctx] _id: Id) -> u32 {
        1
    }

    #[cfg(left_out)]
    #[event]
    fn hello(&self, State(App): State<Nowhere>, #[ctx] _id: Nothing<'_>) -> Nowhere {
        2
    }

    #[event]
    #[cfg(not(left_out))]
    #[cfg(not(left_out_too))]
    async fn both(&self, #[cfg(left_out)] nowhere: Nowhere, #[cfg(not(left_out))] a: u32) -> u32 {
        a
    }

    #[on_message]
    #[cfg(left_out)]
    fn message(&self) -> Nowhere {}

    #[on_event]
    #[cfg(left_out)]
    fn other(&self, event: &Event) {}

    #[on_error]
    #[cfg(left_out)]
    fn error(&self, error: &HandlerError) -> Nowhere {}

    #[cfg(left_out)]
    #[on_close]
    fn close(&self) {}
}

struct Conditional;

#[socket_connection]
impl Conditional {
    #[cfg(not(left_out))]
    #[on_open]
    fn open() -> Conditional {
        Self
    }

    #[cfg(left_out)]
    #[on_open]
    fn open() -> Self {}

    #[cfg(not(left_out))]
    #[on_event]
    fn other(&self) {}
}

fn main() {
    let _server = socketio_core::SocketIo::builder::<Chat>().state(App).build();
    let _server = socketio_core::SocketIo::builder::<Conditional>().build();
}
