use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

struct Name;

#[socket_connection]
impl Chat {
    #[event]
    fn hello(&self, name: Name) {
        drop(name);
    }

    #[event]
    fn maybe(&self, name: Option<Name>) {
        drop(name);
    }
}

fn main() {}
