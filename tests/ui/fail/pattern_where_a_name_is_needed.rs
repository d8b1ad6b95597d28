use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

#[socket_connection]
impl Chat {
    #[event]
    fn hello(&self, (a, b): (i32, i32)) -> i32 {
        a + b
    }
}

fn main() {}
