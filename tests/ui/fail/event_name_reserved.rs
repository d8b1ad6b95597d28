use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

#[socket_connection]
impl Chat {
    #[event("disconnect")]
    fn bye(&self) {}

    #[event]
    fn connect(&self) {}

    #[event("newListener")]
    fn listener(&self) {}
}

fn main() {}
