use socketio_core::prelude::*;

#[socket_connection]
mod chat {}

fn main() {}
