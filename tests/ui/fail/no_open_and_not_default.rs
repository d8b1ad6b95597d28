use socketio_core::prelude::*;

struct Chat;

#[socket_connection]
impl Chat {
    #[event]
    fn hello(&self) {}
}

fn main() {}
