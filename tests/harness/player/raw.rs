//! Bare TCP connections under test: the WebSocket drafts before RFC 6455, and the Flash policy.
//!
//! In: bytes to send, and texts to expect in which each character stands for one byte. A text that
//! begins with an HTTP response is compared as one: its header fields must be there, in any order and
//! among others; what stands behind must come byte for byte. Bytes behind the expected ones are a
//! failure as far as they have come; only where the stream must end is that a proof.

use std::{collections::BTreeMap, net::SocketAddr};

use super::{broke, unopened};
use crate::{
    connection::Connection,
    expectation::{Mismatch, latin1},
    http,
};

/// TCP connections by name.
#[derive(Debug, Default)]
pub(super) struct Raws(BTreeMap<String, Connection>);

impl Raws {
    pub(super) async fn open(
        &mut self,
        address: SocketAddr,
        name: &str,
        bytes: &[u8],
    ) -> Result<(), Mismatch> {
        let mut connection = Connection::open(address).await.map_err(broke("a connection"))?;
        connection.send(bytes).await.map_err(broke("an open stream"))?;
        self.0.insert(name.to_owned(), connection);
        Ok(())
    }

    pub(super) async fn send(&mut self, name: &str, bytes: &[u8]) -> Result<(), Mismatch> {
        self.get(name)?.send(bytes).await.map_err(broke("an open stream"))
    }

    pub(super) async fn receive(
        &mut self,
        name: &str,
        text: &str,
        ends: bool,
    ) -> Result<(), Mismatch> {
        let bytes = latin1(text)?;
        let connection = self.get(name)?;
        let mut expected = bytes.as_slice();
        if let Ok(Some((response, length))) = http::parse(&bytes, false, "HEAD") {
            receive_head(connection, &response).await?;
            (_, expected) = bytes.split_at_checked(length).unwrap_or_default();
        }
        let wanted = || expected.escape_ascii().to_string();
        let got = match connection.read_exact(expected.len()).await {
            Ok(got) => got,
            Err(error) => {
                let got = connection.received().escape_ascii();
                return Err(Mismatch::new(wanted(), format!("{got}, then {error}")));
            }
        };
        if got != expected {
            return Err(Mismatch::new(wanted(), got.escape_ascii().to_string()));
        }
        while ends && connection.fill().await.map_err(broke("the end"))? {}
        match connection.received() {
            [] => Ok(()),
            more => Err(Mismatch::new("nothing more", more.escape_ascii().to_string())),
        }
    }

    fn get(&mut self, name: &str) -> Result<&mut Connection, Mismatch> {
        self.0.get_mut(name).ok_or_else(|| unopened(name))
    }
}

/// Reads the head of a response; status line and listed headers must be those expected.
async fn receive_head(
    connection: &mut Connection,
    expected: &http::Response,
) -> Result<(), Mismatch> {
    let got = http::read_response(connection, "HEAD").await.map_err(broke("a response"))?;
    if got.status_line != expected.status_line {
        return Err(Mismatch::new(&expected.status_line, got.status_line));
    }
    match expected.headers.iter().find(|(name, value)| got.header(name) != Some(value)) {
        Some((name, value)) => {
            Err(Mismatch::new(format!("{name}: {value}"), format!("{:?}", got.headers)))
        }
        None => Ok(()),
    }
}
