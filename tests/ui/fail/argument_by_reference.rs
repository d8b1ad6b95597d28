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
    fn numbers(&self, numbers: &[u16]) {
        let _ = numbers;
    }

    #[event]
    fn buffer(&self, buffer: &mut [u8]) {
        let _ = buffer;
    }

    #[event]
    fn many(&self, names: Vec<&str>) {
        let _ = names;
    }
}

fn main() {}
