use socketio_core::{SocketIo, prelude::*};

#[derive(Clone)]
struct App;

#[guard]
fn known(State(app): State<App>) -> Option<()> {
    let App = app;
    Some(())
}

#[derive(Default)]
struct Chat;

#[socket_connection]
impl Chat {
    #[event]
    #[guard(known)]
    fn hello(&self) {}
}

fn main() {
    SocketIo::builder::<Chat>().build();
}
