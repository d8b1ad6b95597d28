use socketio_core::prelude::*;

#[derive(Default)]
struct Chat {
    failures: u32,
}

#[socket_connection]
impl Chat {
    #[event("search", concurrent)]
    async fn search(&self) {}

    #[on_error]
    fn error(&mut self, error: &HandlerError) -> OnError {
        drop(error.to_string());
        self.failures += 1;
        if self.failures > 3 { OnError::Close } else { OnError::Ignore }
    }
}

fn main() {}
