use socketio_core::prelude::*;

fn function() -> Option<u32> {
    Some(1)
}

#[derive(Default)]
struct Chat;

#[socket_connection]
impl Chat {
    #[event]
    #[guard(function)]
    fn other(&self) {}
}

fn main() {}
