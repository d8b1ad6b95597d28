use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

#[socket_connection]
impl Chat {
    #[event("search", queue = "disk", concurrent)]
    async fn search(&self) {}

    #[on_message(concurrent, queue)]
    async fn message(&self) {}
}

fn main() {}
