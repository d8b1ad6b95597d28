//! An endpoint that tells everybody else what one says: for those who are away while it is said.

use socketio_core::prelude::*;

pub(crate) struct Relay;

#[socket_connection]
impl Relay {
    /// Tells the client whether it has come back.
    #[on_open]
    fn open(socket: &Socket) -> Result<Self, EmitError> {
        socket.emit("hello", socket.recovered())?;
        Ok(Self)
    }

    #[event]
    fn join(&self, socket: &Socket, room: &str) {
        socket.join(room);
    }

    /// Tells the others in these rooms, or all others, the numbers up to `count`.
    #[event]
    fn count(
        &self,
        socket: &Socket,
        count: u32,
        #[rest] rooms: Vec<String>,
    ) -> Result<(), EmitError> {
        let others = socket.broadcast();
        let others = if rooms.is_empty() { others } else { others.to(rooms) };
        (0..count).try_for_each(|number| others.clone().emit("number", number))
    }

    /// Tells the others that one has left.
    #[on_close]
    fn close(&self, socket: &Socket) {
        let told = socket.broadcast().emit("left", ());
        told.unwrap_or_else(|error| eprintln!("nobody was told who left: {error}"));
    }
}
