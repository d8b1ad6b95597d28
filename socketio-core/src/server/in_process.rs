//! What a client in the same process has to know of the server, and others know by agreement.
//!
//! The test client asks.

use super::SocketIo;
use crate::session::Parser;

impl SocketIo {
    /// Where clients find it, such as `/socket.io`.
    pub(crate) fn path(&self) -> &str {
        &self.core.config.path
    }

    /// How packets are written for clients since Socket.IO 1.0.
    pub(crate) fn parser(&self) -> Parser {
        self.core.config.parser
    }
}
