use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

#[socket_connection]
impl Chat {
    #[event]
    fn hello(&self, reason: CloseReason) {
        let _ = reason;
    }

    #[on_close]
    fn close(&self, error: &HandlerError) {
        let _ = error;
    }
}

fn main() {}
