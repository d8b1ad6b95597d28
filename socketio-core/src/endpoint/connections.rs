//! The connections of one client, one per endpoint it joined, run in its session's task.
//!
//! The driver calls it in the session's task. Each connection is one boxed future, made when the client
//! joins; a client that joins again while its last connection still ends has two, of which only the new one
//! gets events.

use std::sync::Arc;
use std::task::{Context, Poll};

use bytestring::ByteString;

use super::table::{Routes, Start};
use crate::connection::{Inbox, Life};
use crate::driver::{Command, Deliver, Mailbox};
use crate::id::SocketId;
use crate::protocol::Event;
use crate::session::{Admission, CloseReason};
use crate::socket::{ConnectionInfo, Hub, Socket};

struct Connection {
    socket: Socket,
    inbox: Arc<Inbox>,
    life: Life,
}

impl Connection {
    fn start(socket: Socket, start: &Start, routes: &Routes) -> Self {
        let inbox = Arc::new(Inbox::new(routes.on_error.clone()));
        socket.enter();
        let life = start(socket.clone(), Arc::clone(&inbox));
        Self { socket, inbox, life }
    }
}

/// The connections of one client.
pub(crate) struct Connections {
    routes: Arc<Routes>,
    hub: Arc<Hub>,
    mailbox: Mailbox,
    info: ConnectionInfo,
    live: Vec<Connection>,
}

impl Connections {
    /// Makes the root connection, whose socket id is given; it opens when first polled.
    pub(crate) fn new(
        routes: Arc<Routes>,
        hub: Arc<Hub>,
        mailbox: Mailbox,
        info: ConnectionInfo,
        root: SocketId,
    ) -> Self {
        let socket =
            Socket::new(root, ByteString::new(), mailbox.clone(), info.clone(), hub.clone());
        let live = vec![Connection::start(socket, &routes.root, &routes)];
        Self { routes, hub, mailbox, info, live }
    }

    /// The connection to an endpoint; one that has ended but still runs is not it.
    fn find(&self, endpoint: &str) -> Option<&Connection> {
        self.live.iter().find(|live| live.socket.endpoint() == endpoint && !live.inbox.is_closed())
    }
}

impl Drop for Connections {
    /// Where the session's task itself was dropped, no connection may seem to be there.
    fn drop(&mut self) {
        for connection in &self.live {
            connection.socket.set_closed(CloseReason::TransportClosed);
        }
    }
}

impl Deliver for Connections {
    fn connect(&mut self, endpoint: &ByteString, query: &ByteString) {
        let admission = match (self.routes.find(endpoint), SocketId::random()) {
            (None, _) => Admission::Unknown,
            (Some(_), Err(_)) => Admission::Refuse { unauthorized: false },
            (Some((start, params)), Ok(id)) => {
                let info = self.info.of_endpoint(query.clone(), params);
                let (mailbox, hub) = (self.mailbox.clone(), Arc::clone(&self.hub));
                let socket = Socket::new(id, endpoint.clone(), mailbox, info, hub);
                return self.live.push(Connection::start(socket, start, &self.routes));
            }
        };
        let command = Command::Admit { endpoint: endpoint.clone(), admission };
        let _ended = self.mailbox.send(command);
    }

    fn event(&mut self, endpoint: &ByteString, event: Event) {
        if let Some(connection) = self.find(endpoint) {
            connection.inbox.push(event);
        }
    }

    fn disconnect(&mut self, endpoint: &ByteString, reason: CloseReason) {
        if let Some(connection) = self.find(endpoint) {
            connection.inbox.close(reason);
            connection.socket.set_closed(reason);
        }
    }

    /// A connection that has ended but still runs counts as an event, or a client could pile them up
    /// by coming and going.
    fn backlog(&self) -> usize {
        self.live.iter().map(|live| live.inbox.len() + usize::from(live.inbox.is_closed())).sum()
    }

    fn cancel(&mut self) {
        self.live.iter().for_each(|connection| connection.inbox.cancel());
    }

    fn poll(&mut self, cx: &mut Context<'_>) -> Poll<()> {
        self.live.retain_mut(|connection| connection.life.as_mut().poll(cx).is_pending());
        if self.live.is_empty() { Poll::Ready(()) } else { Poll::Pending }
    }
}
