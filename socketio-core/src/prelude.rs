//! What a file with a connection type needs: `use socketio_core::prelude::*;`.

pub use crate::{
    AckError, AckSender, Auth, Binary, CloseReason, ConnectionInfo, EmitError, Endpoint, Event,
    Extension, FromRef, Guarded, HandlerError, Invalid, Message, OnError, PendingAck, Reject,
    Server, Socket, SocketId, State, Validate, kwargs,
};
pub use socketio_macros::{
    client_events, endpoints, event, guard, on_close, on_endpoint, on_error, on_event, on_message,
    on_open, socket_connection, throttle,
};
