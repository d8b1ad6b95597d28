use socketio_core::prelude::*;

#[derive(Default)]
struct Chat;

#[socket_connection]
impl Chat {
    #[event]
    #[guard]
    fn nothing(&self) {}

    #[event]
    #[guard("logged_in")]
    fn text(&self) {}

    #[event]
    #[guard(one, two)]
    fn both(&self) {}

    #[event]
    #[guard = "one"]
    fn equals(&self) {}

    #[event]
    #[guard((one)(two))]
    fn called(&self) {}

    #[event]
    #[guard(one two)]
    fn comma(&self) {}
}

fn main() {}
