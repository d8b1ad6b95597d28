use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

#[socket_connection]
impl Chat {
    #[event]
    fn hello(&self, socket: &Sokcet) {
        let _ = socket;
    }

    #[event]
    fn later(&self, ack: AckSendr) {
        let _ = ack;
    }
}

fn main() {}
