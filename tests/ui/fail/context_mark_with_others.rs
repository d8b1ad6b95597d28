use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

#[socket_connection]
impl Chat {
    #[event]
    #[on_message]
    fn hello(
        &self,
        #[ctx]
        #[default]
        socket: Socket,
        #[rest]
        #[default]
        more: Vec<u32>,
    ) {
        drop((socket, more));
    }
}

fn main() {}
