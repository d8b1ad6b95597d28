//! What a file with a connection type needs: `use socketio_core::prelude::*;`.

pub use crate::{
    AckError, AckSender, CloseReason, ConnectionInfo, EmitError, Event, Extension, HandlerError,
    Message, OnError, Reject, Server, Socket, SocketId, State, kwargs,
};
