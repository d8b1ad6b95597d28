use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

#[socket_connection]
impl Chat {
    #[on_open]
    fn open(name: String) -> Self {
        drop(name);
        Self
    }

    #[on_message]
    fn message(&self, text: String) {
        drop(text);
    }

    #[on_close]
    fn close(&self, code: u32) {
        let _ = code;
    }
}

fn main() {}
