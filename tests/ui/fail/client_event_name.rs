use socketio_core::prelude::*;

#[client_events]
trait ChatClient {
    #[event("")]
    fn empty();
    #[event("hello ")]
    fn space();
    #[event(hello)]
    fn word();
    fn disconnect();
    fn _hidden();
    fn once();
    #[event("once")]
    fn twice();
    #[event("a", concurrent)]
    fn order();
    #[event("b", agrs = "keyword")]
    fn slip();
    #[on_open]
    fn open();
    #[event]
    #[event("c")]
    fn two();
}

fn main() {}
