use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

#[socket_connection]
impl Chat {
    #[event]
    fn twice(&self, first: AckSender, second: AckSender) {
        drop((first, second));
    }

    #[event]
    fn returns(&self, ack: AckSender) -> i64 {
        drop(ack);
        1
    }
}

fn main() {}
