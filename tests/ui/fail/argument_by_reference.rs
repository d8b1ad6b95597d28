use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

#[socket_connection]
impl Chat {
    #[event]
    fn number(&self, number: &u32) {
        let _ = number;
    }

    #[event]
    fn bytes(&self, bytes: &[u8]) {
        let _ = bytes;
    }

    #[event]
    fn many(&self, names: Vec<&str>) {
        let _ = names;
    }
}

fn main() {}
