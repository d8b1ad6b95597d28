use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

#[socket_connection]
impl Chat {
    #[on_event]
    fn first_event(&self) {}

    #[on_error]
    fn first_error(&self) -> OnError {
        OnError::Ignore
    }

    #[on_close]
    fn first_close(&self) {}

    #[on_event]
    fn second_event(&self) {}

    #[on_error]
    fn second_error(&self) -> OnError {
        OnError::Ignore
    }

    #[on_close]
    fn second_close(&self) {}
}

fn main() {}
