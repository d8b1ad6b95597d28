use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

struct Ping;

#[socket_connection]
#[endpoints("/ping" => Ping)]
impl Chat {
    #[event]
    fn hello(&self) {}
}

fn main() {}
