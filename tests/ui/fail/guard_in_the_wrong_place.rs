use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

#[socket_connection]
impl Chat {
    #[guard(one)]
    #[throttle(1, per = "1s")]
    fn plain(&self) {}

    #[on_close]
    #[guard(one)]
    #[throttle(1, per = "1s")]
    fn close(&self) {}
}

#[guard(one)]
#[socket_connection]
impl Other {}

#[derive(Default)]
struct Other;

impl Other {
    #[throttle(1, per = "1s")]
    fn poke(&self) {}

    #[guard]
    fn check(&self) -> Option<()> {
        Some(())
    }
}

#[guard(one)]
fn function() {}

#[guard]
struct Type;

fn main() {}
