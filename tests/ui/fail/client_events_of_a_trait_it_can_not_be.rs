use socketio_core::prelude::*;

#[client_events]
trait Generic<T>: Clone
where
    T: Copy,
{
    fn hello(name: &str);
}

#[client_events(crat = "socketio_core")]
unsafe trait Other: Clone {
    const NAME: &'static str;
    type Name;
    fn hello(name: &str);
}

fn main() {}
