use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

#[socket_connection]
impl Chat {
    #[event("hello", args = 1)]
    fn hello(&self) {}

    #[event("hi", args = "positonal")]
    fn hi(&self) {}

    #[event("search", extra_args)]
    fn search(&self) {}

    #[event("read", queue = disk)]
    async fn read(&self) {}

    #[event("write", concurrent = true)]
    async fn write(&self) {}

    #[on_close(fast)]
    fn close(&self) {}

    #[event = "find"]
    fn find(&self) {}
}

fn main() {}
