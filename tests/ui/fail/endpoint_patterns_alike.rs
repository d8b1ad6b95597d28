use socketio_core::prelude::*;

#[derive(Default)]
struct Room;

#[socket_connection]
#[endpoints("/room/{id}" => Room, "/files/{*path}" => Room, "/a/{b}/c/{d}" => Room)]
#[endpoints(
    "/room/{name}" => Room,
    "/files/{name}" => Room,
    "/files/{*rest}" => Room,
    "/files/{name}/size" => Room,
    "/a/{d}/c/{b}" => Room,
    "/a/{*rest}" => Room,
    "/room/{id}" => Room,
)]
impl Room {
    #[event]
    fn hello(&self) {}
}

fn main() {}
