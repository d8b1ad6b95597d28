use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

#[socket_connection]
impl Chat {
    #[event]
    async fn hello(&self, name: String) {
        let shared = std::rc::Rc::new(name);
        std::future::ready(()).await;
        drop(shared);
    }
}

fn main() {}
