use socketio_core::{SocketIo, prelude::*};

#[derive(Clone)]
struct App;

#[derive(Clone)]
struct Db;

#[derive(Default)]
struct Chat;

#[socket_connection]
impl Chat {
    #[event]
    fn hello(&self, State(db): State<Db>) {
        let Db = db;
    }
}

fn main() {
    SocketIo::builder::<Chat>().state(App).build();
}
