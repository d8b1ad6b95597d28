use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

#[socket_connection]
impl Chat {
    #[event]
    fn hello(&self) -> impl Future<Output = i64> + Send {
        std::future::ready(1)
    }
}

fn main() {}
