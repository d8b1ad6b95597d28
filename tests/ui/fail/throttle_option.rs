use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

#[socket_connection]
#[throttle(0, per = "1s")]
impl Chat {
    #[event]
    #[throttle]
    fn nothing(&self) {}

    #[event]
    #[throttle(10)]
    fn count(&self) {}

    #[event]
    #[throttle(per = "1s")]
    fn time(&self) {}

    #[event]
    #[throttle(-1, per = "0s")]
    fn zero(&self) {}

    #[event]
    #[throttle(1, per = "1 s")]
    fn space(&self) {}

    #[event]
    #[throttle(1, per = 1)]
    fn number(&self) {}

    #[event]
    #[throttle(1, per = "99999999999999h")]
    fn long(&self) {}

    #[event]
    #[throttle(1, 2, pre = "1s")]
    fn other(&self) {}

    #[event]
    #[throttle(1, per = "1s")]
    #[throttle(9, per = "1m")]
    fn twice(&self) {}
}

fn main() {}
