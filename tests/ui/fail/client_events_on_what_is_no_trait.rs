use socketio_core::prelude::*;

#[client_events]
struct Chat;

#[client_events]
impl Chat {
    fn hello(_name: &str) {}
}

#[client_events]
fn hello(_name: &str) {}

fn main() {}
