use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

#[socket_connection]
impl Chat {
    #[event("search", queue = "")]
    async fn search(&self) {}
}

fn main() {}
