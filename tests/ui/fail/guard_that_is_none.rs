use socketio_core::prelude::*;

struct Type;

#[derive(Default)]
struct Chat;

#[socket_connection]
#[guard(Type)]
impl Chat {
    #[event]
    #[guard(Type)]
    fn hello(&self) {}
}

fn main() {}
