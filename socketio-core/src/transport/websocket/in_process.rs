//! What stands in for the connection of a client in the same process: no bytes, only frames.
//!
//! The test client puts it into the extensions of its upgrade request; [`accept`](super::accept) takes it
//! from there. Nothing that comes over a network gets there.

use std::sync::Arc;

use http::{Response, StatusCode};

use crate::driver::Link;

/// Makes the server's end of the connection, which refuses messages of more bytes than it is told.
#[derive(Clone)]
pub(crate) struct InProcess(Arc<dyn Fn(usize) -> Box<dyn Link> + Send + Sync>);

impl InProcess {
    pub(crate) fn new(connect: impl Fn(usize) -> Box<dyn Link> + Send + Sync + 'static) -> Self {
        Self(Arc::new(connect))
    }

    pub(super) fn connect(&self, max_message_bytes: usize) -> (Response<()>, Box<dyn Link>) {
        let mut answer = Response::new(());
        *answer.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
        (answer, (self.0)(max_message_bytes))
    }
}
