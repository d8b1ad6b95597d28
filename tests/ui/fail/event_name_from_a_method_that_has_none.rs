use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

#[socket_connection]
impl Chat {
    #[event]
    fn _hello(&self) {}

    #[event]
    fn r#type(&self) {}
}

fn main() {}
