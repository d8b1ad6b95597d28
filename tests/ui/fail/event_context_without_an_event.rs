use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

#[socket_connection]
impl Chat {
    #[on_open]
    fn open(ack: AckSender) -> Self {
        drop(ack);
        Self
    }

    #[on_close]
    fn close(&self, event: &Event) {
        let _ = event;
    }
}

fn main() {}
