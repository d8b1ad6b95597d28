//! Whatever a crate calls its own things, the generated code means its own.
#![deny(warnings)]
#![allow(dead_code, unused_macros)]

mod core {}
mod std {}
mod socketio_core {}

mod sio {
    pub use ::socketio_core::*;
}

use sio::prelude::*;

macro_rules! matches {
    ($($tokens:tt)*) => {
        compile_error!("mine")
    };
}

struct Result<T>(T);
struct Option;
enum Reply {}
trait Send {}
trait Clone {}

const SIGNATURE: u32 = 1;

#[guard(crate = "crate::sio")]
async fn known(Auth(state): Auth<State>) -> ::core::option::Option<u32> {
    ::core::option::Option::Some(state.0)
}

#[derive(Default)]
struct Chat;

trait Interfering {
    fn open(&self) {}
    fn dispatch(&mut self) {}
    fn hello(&mut self) {}
}

impl Interfering for Chat {}

#[socket_connection(crate = "crate::sio")]
#[guard(known)]
impl Chat {
    #[on_open]
    fn dispatch() -> Self {
        Chat
    }

    #[event]
    fn hello(&self, event: u32, args: u32, cx: u32, out: u32, error: u32, table: u32) -> u32 {
        event + args + cx + out + error + table
    }

    #[event("SIGNATURE", args = "positional")]
    fn open(&self, #[arg] state: State, _: u32, #[default = SIGNATURE] arg_0: u32) -> u32 {
        arg_0 + state.0
    }

    #[on_error]
    fn close(&self) -> OnError {
        OnError::Ignore
    }

    #[on_close]
    fn error(&self, reason: &CloseReason) {
        let _ = reason;
    }
}

#[derive(serde::Deserialize, Default)]
struct State(u32);

fn main() {
    let _server = sio::SocketIo::builder::<Chat>().build();
}
