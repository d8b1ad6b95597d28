use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

#[socket_connection]
impl Chat {
    #[event]
    fn hello(&self) {
        self.
    }

    #[event]
    fn add(&self, a: i64, b: i64) -> i64 {
        a + b
    }
}

fn main() {}
