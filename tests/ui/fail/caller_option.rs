use socketio_core::prelude::*;

struct Nameless;

#[socket_connection(caller)]
impl Nameless {
    #[on_open]
    fn open() -> Self {
        Self
    }
}

struct Quoted;

#[socket_connection(caller = "QuotedCaller")]
impl Quoted {
    #[on_open]
    fn open() -> Self {
        Self
    }
}

struct Elsewhere;

#[socket_connection(caller = pub crate::ElsewhereCaller)]
impl Elsewhere {
    #[on_open]
    fn open() -> Self {
        Self
    }
}

struct Twice;

#[socket_connection(caller = OneCaller, caller = OtherCaller)]
impl Twice {
    #[on_open]
    fn open() -> Self {
        Self
    }
}

fn main() {}
