//! Binary values as parameters and as what is sent.
#![deny(warnings)]

use socketio_core::prelude::*;

#[derive(Default)]
struct Files;

#[derive(serde::Deserialize, serde::Serialize)]
struct File {
    name: String,
    data: Binary,
}

#[socket_connection]
impl Files {
    #[event]
    async fn lent(
        &self,
        data: &[u8],
        maybe: Option<&[u8]>,
        #[default] empty: &[u8],
        #[default = b"abc"] given: &[u8],
    ) -> usize {
        std::future::ready(()).await;
        data.len() + maybe.map_or(0, <[u8]>::len) + empty.len() + given.len()
    }

    #[event]
    fn named<'a>(&'a self, #[arg(name = "in")] data: &'a [u8]) -> &'a [u8] {
        data
    }

    #[event]
    fn owned(&self, file: File, more: Option<Binary>, #[rest] rest: Vec<Binary>) -> (File, usize) {
        (file, more.into_iter().chain(rest).count())
    }

    #[event(args = "positional")]
    fn taken_apart(&self, Binary(bytes): Binary) -> Binary {
        bytes.into()
    }
}

fn main() {
    let _ = Files.taken_apart(Binary::default());
}
