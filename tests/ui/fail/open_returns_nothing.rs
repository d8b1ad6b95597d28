use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

#[socket_connection]
impl Chat {
    #[on_open]
    fn open() {}
}

fn main() {}
