use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

struct Failure;

#[socket_connection]
impl Chat {
    #[event]
    fn hello(&self) -> Result<(), Failure> {
        Err(Failure)
    }
}

fn main() {}
