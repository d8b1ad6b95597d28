use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

#[socket_connection]
impl Chat {
    #[event]
    fn generic<T>(&self, value: T) {
        drop(value);
    }

    #[event]
    fn sized<const N: usize>(&self) {}

    #[event]
    fn impl_trait(&self, text: impl AsRef<str>) {
        drop(text);
    }
}

fn main() {}
