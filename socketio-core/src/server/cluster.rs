//! The builder's option that makes a server one of a cluster.
//!
//! In: what makes an [`Adapter`]. Out: it is with the builder, which gives it this server's connections.

use std::sync::Arc;

use super::Builder;
use crate::adapter::{Adapter, Local};

impl<T, S> Builder<T, S> {
    /// Reaches the connections of other servers, too. Default: [`Local`] alone, this server's.
    ///
    /// `make` is called once, by [`build`](Self::build). See [`adapter`](crate::adapter) for how one is made.
    ///
    /// ```
    /// # use socketio_core::{SocketIo, prelude::*};
    /// # #[derive(Default)] struct Lobby;
    /// # #[socket_connection] impl Lobby {}
    /// // The same as without.
    /// let io = SocketIo::builder::<Lobby>().adapter(|local| local).build();
    /// ```
    pub fn adapter<A: Adapter>(mut self, make: impl FnOnce(Local) -> A + Send + 'static) -> Self {
        self.adapter = Some(Box::new(|local| Arc::new(make(local))));
        self
    }
}
