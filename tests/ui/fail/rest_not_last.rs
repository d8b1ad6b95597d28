use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

#[socket_connection]
impl Chat {
    #[event]
    fn first(&self, #[rest] more: Vec<u32>, last: u32) {
        let _ = (more, last);
    }

    #[event]
    fn twice(&self, #[rest] more: Vec<u32>, #[rest] most: Vec<u32>) {
        let _ = (more, most);
    }

    #[event]
    fn text(&self, #[rest] more: String) {
        let _ = more;
    }
}

fn main() {}
