use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

#[socket_connection]
impl Chat {
    #[event]
    fn hello(&self, limit: Option<u32>, name: String) {
        let _ = (limit, name);
    }
}

fn main() {}
