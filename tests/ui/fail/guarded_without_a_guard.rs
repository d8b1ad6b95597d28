use socketio_core::prelude::*;

struct User;

#[guard]
fn number() -> Option<u32> {
    Some(1)
}

#[derive(Default)]
struct Chat;

#[socket_connection]
#[guard(number)]
impl Chat {
    #[event]
    fn hello(&self, user: Guarded<User>) {
        drop(user);
    }

    #[event]
    #[guard(number)]
    fn other(&self, other: Guarded<User>) {
        drop(other);
    }
}

fn main() {}
