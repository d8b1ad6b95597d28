use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

#[socket_connection]
impl Chat {
    #[event]
    fn hello(&self, name: ) {}

    #[event]
    fn bye(&self) {
        self.add(1, 2);
    }

    #[event]
    fn add(&self, a: i64, b: i64) -> i64 {
        a + b
    }

    #[event]
    fn after(&self) ->
}

fn main() {}
