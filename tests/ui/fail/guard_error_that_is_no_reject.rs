use socketio_core::prelude::*;

struct Failure;

#[guard]
fn known() -> Result<(), Failure> {
    Err(Failure)
}

fn main() {}
