use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

#[socket_connection(crate = "socketio")]
impl Chat {}

fn main() {}
