use socketio_core::prelude::*;

#[derive(Default)]
struct Room;

#[socket_connection]
#[endpoints(
    "/room/{id" => Room,
    "/room/id}" => Room,
    "/room/{{id}}" => Room,
    "/room/{}" => Room,
    "/room/{*}" => Room,
    "/room/{id*}" => Room,
    "/room/{**id}" => Room,
    "/room/no-{id}" => Room,
    "/room/{a}{b}" => Room,
    "/room/{id}/{id}" => Room,
    "/room/{id}/{*id}" => Room,
    "/room/{*rest}/last" => Room,
    "/room/{*rest}/" => Room,
    "room/{id}" => Room,
    "/room/{an id}" => Room,
    "/{a}/{b}/{c}/{d}/{e}/{f}/{g}/{h}/{i}/{j}/{k}/{l}/{m}/{n}/{o}/{p}/{q}/{r}/{s}/{t}/{u}/{v}/{w}/{x}/{y}/{z}" => Room,
)]
impl Room {
    #[event]
    fn hello(&self) {}
}

fn main() {}
