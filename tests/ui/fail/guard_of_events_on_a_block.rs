use socketio_core::prelude::*;

#[guard]
fn short(event: &Event) -> Option<()> {
    (event.name().len() < 4).then_some(())
}

#[derive(Default)]
struct Chat;

#[socket_connection]
#[guard(short)]
impl Chat {}

fn main() {}
