use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

#[socket_connection(extra_arg = "ignore")]
impl Chat {
    #[event("hello", agrs = "positional")]
    fn hello(&self) {}

    #[event("search", concurent)]
    fn search(&self) {}

    #[on_message(extra_args = "ignore")]
    fn message(&self) {}

    #[event("find")]
    fn find(&self, #[arg(nme = "x")] text: String) {
        drop(text);
    }
}

fn main() {}
