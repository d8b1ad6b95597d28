use socketio_core::{Guard, NoState, prelude::*};

struct Role(&'static str);

impl Role {
    fn new(name: &'static str) -> Self {
        Self(name)
    }
}

impl Guard for Role {
    type Value = ();
    type State = NoState;

    async fn check(&self, _: &Socket, _: NoState) -> Result<(), Reject> {
        Ok(())
    }
}

struct Lobby;

#[socket_connection]
#[guard(Role::new("clerk"))]
impl Lobby {
    #[on_open]
    fn open() -> Self {
        Self
    }
}

fn main() {}
