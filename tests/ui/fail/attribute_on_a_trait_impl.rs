use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

trait Greet {
    fn hello(&self);
}

#[socket_connection]
impl Greet for Chat {
    #[event]
    fn hello(&self) {}
}

fn main() {}
