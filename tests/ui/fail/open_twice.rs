use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

#[socket_connection]
impl Chat {
    #[on_open]
    fn open() -> Self {
        Self
    }

    #[on_open]
    fn again() -> Self {
        Self
    }

    #[on_message]
    fn message(&self, message: Message) {
        drop(message);
    }

    #[event("message")]
    fn typed(&self, number: u32) {
        let _ = number;
    }
}

fn main() {}
