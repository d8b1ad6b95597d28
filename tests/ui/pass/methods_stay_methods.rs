//! Handlers are still methods of plain Rust, with their attributes and visibility.
#![deny(warnings)]

use socketio_core::prelude::*;

#[derive(serde::Deserialize)]
#[deprecated]
struct Old;

mod chat {
    use socketio_core::prelude::*;

    #[derive(Default)]
    pub struct Chat(u32);

    #[socket_connection]
    #[allow(clippy::unused_self)]
    impl Chat {
        #![allow(clippy::needless_pass_by_value)]

        /// Adds.
        #[must_use]
        #[inline]
        #[event]
        pub(super) fn add(&self, #[allow(unused)] a: u32, mut b: u32) -> u32 {
            b += self.0;
            b
        }

        #[socketio_core::event("count")]
        pub async fn count(self: &mut Self, #[rest] more: Vec<u32>) {
            self.0 = more.iter().sum();
        }

        #[deprecated = "clients still call it"]
        #[event]
        pub fn old(&self, #[expect(unused_variables)] a: u32) {}

        #[event]
        #[allow(deprecated)]
        pub fn older(&self, #[allow(unused)] a: super::Old) {}

        #[event]
        pub fn opaque(&self) -> impl serde::Serialize + use<> {
            self.0
        }

        pub fn plain(self) -> u32 {
            self.0
        }
    }
}

#[derive(Default)]
struct Empty;

#[socket_connection]
impl Empty {}

fn main() {
    let chat = chat::Chat::default();
    assert_eq!(chat.add(1, 2), 2);
    assert_eq!(chat.plain(), 0);
    let _: fn(Message) = drop;
    let _server = socketio_core::SocketIo::builder::<Empty>().build();
}
