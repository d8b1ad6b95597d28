use socketio_core::prelude::*;

#[derive(serde::Serialize)]
struct Written;

#[derive(serde::Deserialize)]
struct Read;

#[derive(Default)]
struct Chat;

#[socket_connection(caller = ChatCaller)]
impl Chat {
    #[event]
    fn find(&self) -> Result<Written, String> {
        Ok(Written)
    }

    #[event]
    fn keep(&self, read: Read) {
        drop(read);
    }

    #[event]
    fn keep_all(&self, #[rest] all: Vec<Read>) {
        drop(all);
    }
}

fn main() {}
