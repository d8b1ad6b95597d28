use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

#[endpoints("/chat" => Chat)]
#[socket_connection]
impl Chat {}

fn main() {}
