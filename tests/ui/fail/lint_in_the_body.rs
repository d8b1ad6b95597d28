#![deny(warnings)]
use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

#[socket_connection]
impl Chat {
    #[event]
    async fn hello(&self, socket: &Socket) {
        self.later();
        socket.emit("hello", ());
    }

    async fn later(&self) {}
}

fn main() {}
