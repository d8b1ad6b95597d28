use socketio_core::prelude::*;

#[client_events]
trait ChatClient {
    /// Thanks somebody.
    fn thanks(name: &str);
}

fn f(socket: &Socket<dyn ChatClient>, untyped: &Socket) {
    socket.client().thank("Joes").ok();
    socket.client().thanks(7).ok();
    socket.client().thanks().ok();
    socket.emit("thanks", "Joes").ok();
    socket.to("room").emit("thanks", "Joes").ok();
    untyped.client().thanks("Joes").ok();
}

fn main() {}
