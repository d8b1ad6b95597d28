use socketio_core::prelude::*;

#[guard]
fn argument(name: String) -> Option<()> {
    Some(drop(name))
}

#[guard]
unsafe fn nothing() {}

#[guard]
fn generic<T>(message: Message, #[arg] other: &str) -> Option<T> {
    let _ = (message, other);
    None
}

#[guard]
fn truth(reason: CloseReason) -> bool {
    let _ = reason;
    true
}

#[derive(Default)]
struct Chat;

#[socket_connection]
impl Chat {
    #[event]
    fn hello(&self) {}
}

fn main() {
    let _ = argument {};
}
