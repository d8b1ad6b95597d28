use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

#[socket_connection]
#[endpoints(
    "chat" => Chat,
    "/a,b" => Chat,
    "/a?b" => Chat,
    "" => Chat,
    "/" => Chat,
    "/twice" => Chat,
    "/twice" => Chat,
)]
impl Chat {
    #[event]
    fn hello(&self) {}
}

fn main() {}
