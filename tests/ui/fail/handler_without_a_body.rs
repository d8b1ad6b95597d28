use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

#[socket_connection]
impl Chat {
    #[event]
    fn hello(&self, name: String);

    #[event]
    fn bye(&self) {}
}

fn main() {}
