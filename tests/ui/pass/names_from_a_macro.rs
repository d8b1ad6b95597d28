//! An event's name may come from a `macro_rules!`.

use socketio_core::prelude::*;

macro_rules! counter {
    ($type:ident, $event:literal, $argument:ty) => {
        #[derive(Default)]
        struct $type;

        #[socket_connection]
        impl $type {
            #[event($event)]
            fn count(&self, by: $argument) -> $argument {
                by
            }
        }
    };
}

counter!(Sheep, "sheep", u32);
counter!(Stars, "stars", u64);

fn main() {
    let _ = socketio_core::SocketIo::builder::<Sheep>;
    let _ = socketio_core::SocketIo::builder::<Stars>;
}
