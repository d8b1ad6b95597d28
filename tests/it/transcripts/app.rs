//! The application that was behind the recorded servers.

use serde_json::{Value, json};
use socketio_core::prelude::*;

/// What is at the root, and at `/admin` behind a token.
pub(super) struct Recorded;

#[socket_connection]
#[endpoints("/admin" => Admin)]
impl Recorded {
    #[on_open]
    fn open() -> Self {
        Self
    }

    #[event("ask-me")]
    fn ask_me(&self, socket: &Socket) {
        let socket = socket.clone();
        tokio::spawn(async move {
            let answer: Value = socket.emit_with_ack("question", kwargs! { n: 1 }).await.unwrap();
            socket.emit("got-answer", (answer,)).unwrap();
        });
    }

    #[event]
    fn kick(&self, socket: &Socket) {
        socket.disconnect();
    }

    #[event]
    fn bye(&self, socket: &Socket) {
        socket.disconnect();
    }

    #[event("bye-soft")]
    fn bye_soft(&self, socket: &Socket) {
        socket.close();
    }

    #[on_event]
    fn echo(&self, socket: &Socket, event: &Event, ack: AckSender) {
        echo(socket, event, ack).unwrap();
    }
}

/// Where clients can come back: says whether one did, and is in a room.
pub(super) struct Returning;

#[socket_connection]
impl Returning {
    #[on_open]
    fn open(socket: &Socket) -> Result<Self, EmitError> {
        socket.join("room");
        socket.emit("hello", socket.recovered())?;
        Ok(Self)
    }
}

pub(super) struct Admin;

#[socket_connection]
impl Admin {
    #[on_open]
    fn open(socket: &Socket, Auth(auth): Auth<Value>) -> Result<Self, Reject> {
        let data = json!({ "code": "E_AUTH", "detail": "bad token" });
        let token = auth["token"].as_str().filter(|token| ["secret", "k"].contains(token));
        let token = token.ok_or(Reject::unauthorized("not authorized").with_data(data))?;
        socket.emit("welcome", kwargs! { token: token })?;
        Ok(Self)
    }

    #[on_event]
    fn echo(&self, socket: &Socket, event: &Event, ack: AckSender) {
        echo(socket, event, ack).unwrap();
    }
}

/// Gives back what came: `echo` and `bin` as `echo-back` and `bin-back`.
fn echo(socket: &Socket, event: &Event, ack: AckSender) -> Result<(), EmitError> {
    if ack.is_wanted() {
        return ack.send(event.args());
    }
    socket.emit(&format!("{}-back", event.name()), event.args())
}
