use socketio_core::prelude::*;

#[derive(Default)]
struct Chat {
    _names: std::cell::RefCell<Vec<String>>,
}

#[socket_connection]
impl Chat {
    #[event]
    async fn hello(&self, name: String) {
        drop(name);
    }
}

fn main() {}
