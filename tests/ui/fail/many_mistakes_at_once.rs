use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

#[socket_connection]
#[endpoints("ping" => Chat)]
impl Chat {
    #[on_open]
    fn open(name: String, ack: AckSender) -> u32 {
        drop((name, ack));
        1
    }

    #[event(hello)]
    fn hello(self, socket: &Socket) {
        let _ = socket;
    }

    #[event("disconnect")]
    fn bye(&self, limit: Option<u32>, (a, b): (i32, i32)) {
        let _ = (limit, a, b);
    }

    /// The one that is sound.
    #[event]
    fn add(&self, a: i64, b: i64) -> i64 {
        a + b
    }

    #[event("add")]
    unsafe fn again<T>(&self) {}

    #[event("other", arg = "keyword")]
    fn other(&self, ack: AckSender) -> i64 {
        drop(ack);
        1
    }

    #[on_close]
    fn close(reason: CloseReason) {
        let _ = reason;
    }
}

fn main() {}
