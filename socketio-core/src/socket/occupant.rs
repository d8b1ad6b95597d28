//! A socket as the adapter keeps it, which does not know what one is.

use std::any::Any;
use std::sync::Arc;

use super::{Inner, Socket};
use crate::adapter::{Occupant, RemoteSocket, Selection};
use crate::id::SocketId;

impl Occupant for Inner {
    fn id(&self) -> SocketId {
        self.id.clone()
    }

    fn describe(&self) -> RemoteSocket {
        let query = self.info.query_pairs().map(|(name, value)| (name.into(), value.into()));
        let (client_ip, time) = (self.info.client_ip(), self.info.time());
        let query = query.collect();
        RemoteSocket { client_ip, query, time, ..RemoteSocket::new(self.id.clone()) }
    }

    fn close(self: Arc<Self>, session: bool) {
        let socket: Socket = Socket::of(self);
        if session { socket.disconnect() } else { socket.close() }
    }
}

impl<C: ?Sized> Socket<C> {
    /// What the adapter kept of it.
    pub(super) fn of_occupant(occupant: Arc<dyn Occupant>) -> Option<Self> {
        let occupant: Arc<dyn Any + Send + Sync> = occupant;
        occupant.downcast().ok().map(Self::of)
    }
}

impl Socket {
    /// Everybody else at its endpoint.
    pub(super) fn others(&self) -> Selection {
        let endpoint = self.endpoint_text().clone();
        Selection { endpoint, sender: Some(self.id()), ..Selection::default() }
    }

    /// Itself alone.
    pub(super) fn itself(&self) -> Selection {
        let rooms = Some(vec![self.id().to_string().into()]);
        Selection { rooms, local: true, sender: None, ..self.others() }
    }
}
