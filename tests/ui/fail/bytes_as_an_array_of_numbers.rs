#![deny(warnings)]

use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

#[socket_connection]
impl Chat {
    #[event]
    fn upload(&self, file: Vec<u8>) {
        drop(file);
    }

    #[event]
    fn preview(&self, file: Option<Vec<u8>>) {
        drop(file);
    }
}

fn main() {}
