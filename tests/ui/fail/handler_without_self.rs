use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

#[socket_connection]
impl Chat {
    #[event]
    fn hello(name: String) {
        drop(name);
    }

    #[on_close]
    fn close() {}
}

fn main() {}
