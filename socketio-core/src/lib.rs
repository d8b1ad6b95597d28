//! Real-time RPC over Socket.IO.

mod adapter;
mod connection;
mod driver;
mod endpoint;
mod id;
pub mod protocol;
mod server;
mod session;
mod socket;
mod transport;

#[doc(hidden)]
pub mod __private;
pub mod prelude;

pub use axum::extract::{FromRef, State};
pub use connection::{
    ArgumentProblem, Context, EventContext, Extension, FromConnection, FromEvent, HandlerError,
    OnError, Reject, SocketConnection,
};
pub use driver::Transport;
pub use endpoint::{EndpointTable, Endpoints};
pub use id::{ID_CHARS, InvalidId, SessionId, SocketId};
pub use protocol::{AckId, Args, Event};
pub use server::{Builder, CLIENT_URL, SocketIo, SocketIoLayer, SocketIoService};
pub use session::{CloseReason, NoAck};
pub use socket::{
    AckError, AckFuture, AckSender, ConnectionInfo, EmitError, Emitter, Kwargs, Message,
    PendingAck, Server, Socket,
};
pub use transport::Origins;
