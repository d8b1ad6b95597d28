use socketio_core::prelude::*;

#[derive(Default)]
struct Chat {
    name: String,
}

#[socket_connection]
impl Chat {
    #[event("rename", concurrent)]
    async fn rename(&mut self, name: String) {
        self.name = name;
    }

    #[on_event(concurrent)]
    fn other(self: &mut Self) {
        self.name.clear();
    }
}

fn main() {}
