use socketio_core::prelude::*;

struct Chat;

struct Failure;

#[socket_connection]
impl Chat {
    #[on_open]
    async fn open(socket: &Socket) -> Result<Self, Failure> {
        let _ = socket;
        Err(Failure)
    }
}

fn main() {}
