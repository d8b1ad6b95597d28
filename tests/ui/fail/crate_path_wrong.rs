use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

#[socket_connection(crate = "socketio")]
impl Chat {
    #[event]
    fn hello(&self, socket: &Socket, State(app): State<String>) -> String {
        let _ = socket.emit("hello", ());
        app
    }
}

fn main() {}
