use socketio_core::prelude::*;

type Answer<T> = Result<T, String>;

#[derive(Default)]
struct Chat;

#[socket_connection(caller = ChatCaller)]
impl Chat {
    #[event]
    fn find(&self) -> Answer<u8> {
        Ok(1)
    }
}

fn main() {}
