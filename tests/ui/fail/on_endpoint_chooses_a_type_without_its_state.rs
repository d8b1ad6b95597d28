use socketio_core::prelude::*;

#[derive(Default)]
struct Lobby;

#[derive(Clone)]
struct App;

#[derive(Default)]
struct Game;

#[socket_connection]
impl Game {
    #[event]
    fn play(&self, State(app): State<App>) {
        let _ = app;
    }
}

#[socket_connection]
impl Lobby {
    #[on_endpoint]
    fn endpoint(path: &str) -> Option<Endpoint> {
        (path == "/game").then(Endpoint::of::<Game>)
    }
}

fn main() {}
