use socketio_core::prelude::*;

#[socket_connection]
fn chat() {}

fn main() {}
