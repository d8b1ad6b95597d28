use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

#[socket_connection]
impl Chat {
    #[event]
    fn hello(&self, id: u32, #[arg(name = "id")] other: u32) {
        let _ = (id, other);
    }
}

fn main() {}
