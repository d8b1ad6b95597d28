use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

struct Name;

#[socket_connection]
impl Chat {
    #[event]
    fn hello(&self) -> Name {
        Name
    }

    #[event]
    fn all(&self) -> Result<Vec<Name>, String> {
        Ok(vec![Name])
    }
}

fn main() {}
