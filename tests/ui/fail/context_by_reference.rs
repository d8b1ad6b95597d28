use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

#[socket_connection]
impl Chat {
    #[event]
    fn hello(&self, state: &State<u32>) {
        let _ = state;
    }
}

fn main() {}
