use socketio_core::prelude::*;

struct Plain;

#[client_events]
trait ChatClient {
    fn owned(plain: Plain);
    fn borrowed(plain: &Plain);
    fn optional(plain: Option<Plain>, other: Option<u8>);
    #[event(args = "keyword")]
    fn keyword(plain: &[Plain]);
    async fn answer() -> Plain;
}

fn main() {}
