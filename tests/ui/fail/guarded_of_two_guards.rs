use socketio_core::prelude::*;

#[guard]
fn one() -> Option<u32> {
    Some(1)
}

#[guard]
fn two() -> Option<u32> {
    Some(2)
}

#[derive(Default)]
struct Chat;

#[socket_connection]
#[guard(one)]
impl Chat {
    #[event]
    #[guard(two)]
    fn hello(&self, number: Guarded<u32>) {
        drop(number);
    }
}

fn main() {}
