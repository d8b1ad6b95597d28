use socketio_core::prelude::*;

#[socket_connection]
struct Chat;

fn main() {}
