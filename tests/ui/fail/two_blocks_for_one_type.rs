use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

#[socket_connection]
impl Chat {}

#[socket_connection]
impl Chat {}

fn main() {}
