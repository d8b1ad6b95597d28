//! Every order that handlers can run in, and every place where one can be written.
#![deny(warnings, missing_docs)]

use std::cell::Cell;
use std::future::ready;
use std::sync::atomic::{AtomicU32, Ordering};

use socketio_core::prelude::*;

/// A connection some of whose events run beside each other.
#[derive(Default)]
pub struct Mixed {
    name: String,
    failures: AtomicU32,
}

#[socket_connection]
impl Mixed {
    #[event]
    fn own(&self) -> usize {
        self.name.len()
    }

    #[event("read", queue = "disk")]
    async fn read<'a>(&'a self, path: &'a str, socket: &Socket) -> Result<&'a str, EmitError> {
        ready(()).await;
        socket.emit("read", path)?;
        Ok(&self.name)
    }

    #[event(queue = "disk", extra_args = "ignore")]
    async fn write(&self, text: String) -> String {
        let scratch = Cell::new(1);
        scratch.set(2);
        ready(()).await;
        text
    }

    #[event(queue)]
    async fn print(&self) {}

    #[event("search", concurrent, args = "keyword")]
    async fn search(&self, ack: AckSender, query: &str, #[ctx] State(app): State<u8>) {
        ready(()).await;
        drop(ack.send((query.len(), app, &self.name)));
    }

    #[event(queue = "disk")]
    async fn rename(&mut self, name: String) {
        ready(()).await;
        self.name = name;
    }

    #[on_message(queue)]
    async fn message(&self, message: Message) -> Message {
        message
    }

    #[on_event(concurrent)]
    fn other(&self, event: &Event) -> usize {
        event.name().len()
    }

    #[on_error]
    async fn error(&self, error: &HandlerError) -> OnError {
        ready(error.event()).await;
        let failures = self.failures.fetch_add(1, Ordering::Relaxed);
        if failures > 3 { OnError::Close } else { OnError::Ignore }
    }

    #[on_close]
    fn close(&mut self) {
        self.name.clear();
    }
}

/// All that runs beside others is left out.
#[derive(Default)]
pub struct Conditional(u8);

#[socket_connection]
impl Conditional {
    #[cfg(any())]
    #[event(concurrent)]
    fn search(&self) {}

    #[event]
    fn add(&mut self) {
        self.0 += 1;
    }

    #[cfg(all())]
    #[on_event]
    fn any(&mut self) {
        self.0 += 1;
    }

    #[cfg(any())]
    #[on_event(concurrent)]
    fn other(&self) {}
}

/// What has the connection alone needs it so in any queue.
#[derive(Default)]
pub struct Alone(u8);

#[socket_connection]
impl Alone {
    #[event(queue = "count")]
    fn add(&mut self) {
        self.0 += 1;
    }

    #[on_error]
    fn error(&mut self) -> OnError {
        self.0 += 1;
        OnError::Ignore
    }
}

/// With a parameter.
#[derive(Default)]
pub struct Of<T>(T);

#[socket_connection]
impl<T: Default + Clone + Send + Sync + serde::Serialize + 'static> Of<T> {
    #[event(concurrent)]
    async fn get(&self) -> T {
        self.0.clone()
    }

    #[event]
    fn reset(&mut self) {
        self.0 = T::default();
    }
}

fn main() {
    use socketio_core::{Order, SocketConnection, SocketIo};

    let order = |name| <Mixed as SocketConnection<u8>>::ORDER.map(|of| of(name));
    assert_eq!(order("own"), Some(Order::Queue(0)));
    assert_eq!(order("read"), order("write"));
    assert_ne!(order("print"), order("own"));
    assert_ne!(order("print"), order("message"));
    assert_eq!(order("rename"), Some(Order::Alone));
    assert_eq!(order("anything"), Some(Order::Concurrent));
    assert!(<Alone as SocketConnection>::ORDER.is_none());
    let _server = SocketIo::builder::<Mixed>().state(1).build();
    let _server = SocketIo::builder::<Conditional>().build();
    let _server = SocketIo::builder::<Of<u8>>().build();
}
