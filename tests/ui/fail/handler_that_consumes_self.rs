use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

#[socket_connection]
impl Chat {
    #[event]
    fn by_value(self) {}

    #[event]
    fn by_mutable_value(mut self) {
        self = Self;
        drop(self);
    }

    #[event]
    fn by_arc(self: std::sync::Arc<Self>) {}
}

fn main() {}
