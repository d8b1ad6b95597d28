use socketio_core::prelude::*;

#[guard]
fn number() -> Option<u32> {
    Some(1)
}

#[derive(Default)]
struct Chat;

#[socket_connection]
#[guard(number)]
impl Chat {
    #[on_endpoint]
    fn endpoint(path: &str, number: Guarded<u32>) -> Option<Endpoint> {
        let _ = (path, number);
        None
    }
}

fn main() {}
