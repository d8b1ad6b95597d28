use socketio_core::prelude::*;

#[client_events]
trait ChatClient {
    fn names(all: &[&str]);
    fn pair(both: (&str, u8));
    fn found(best: Option<(&str, u8)>);
    fn lent(list: Option<&Vec<&str>>);
}

fn main() {}
