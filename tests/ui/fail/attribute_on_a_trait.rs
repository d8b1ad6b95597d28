use socketio_core::prelude::*;

#[socket_connection]
trait Chat {
    #[event]
    fn hello(&self);
}

fn main() {}
