use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

#[socket_connection]
impl Chat {
    #[event]
    unsafe fn dangerous(&self) {}

    #[event]
    const fn constant(&self) {}

    #[event]
    extern "C" fn foreign(&self) {}
}

fn main() {}
