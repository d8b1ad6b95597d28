//! What the caller of a block takes and gives.

#![deny(warnings, missing_docs)]

use std::borrow::Cow;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use socketio_core::client::{Call, Calls};
use socketio_core::prelude::*;

/// Public, so that all in it needs its docs.
pub mod chat {
    use super::*;

    /// What is found.
    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Hit(pub u32);

    /// What was found.
    #[deprecated]
    #[derive(Debug, Clone, Serialize, Deserialize)]
    pub struct Found;

    /// The connection.
    #[derive(Default)]
    pub struct Chat;

    #[socket_connection(caller = pub ChatCaller)]
    impl Chat {
        /// Adds.
        #[event]
        fn add(&self, a: i64, b: i64) -> i64 {
            a + b
        }

        #[event("search", concurrent)]
        async fn find(
            &self,
            socket: &Socket,
            query: String,
            #[default = 10] limit: u32,
            kind: Option<&str>,
        ) -> Result<Vec<Hit>, String> {
            let (_, _, _, _) = (socket, query, limit, kind);
            Ok(vec![Hit(1)])
        }

        #[event(args = "keyword")]
        fn upload(&self, data: &[u8], name: &str, #[default] mask: &[u8]) -> (&'static str, usize) {
            let _ = (name, mask);
            ("ok", data.len())
        }

        #[event]
        fn later(&self, ack: AckSender) {
            ack.send(1).ok();
        }

        #[event(args = "positional")]
        fn all(&self, (x, y): (u8, u8), #[rest] more: Vec<Hit>) -> Cow<'static, str> {
            format!("{x}{y}{}", more.len()).into()
        }

        #[event]
        #[deprecated = "use `add`"]
        fn sum(&self, list: Vec<i64>) -> Option<i64> {
            list.into_iter().reduce(|a, b| a + b)
        }

        #[event("new")]
        #[cfg(any())]
        fn gone(&self, missing: Missing) {}

        #[event("type")]
        fn r#type(&self, r#fn: u8, #[cfg(any())] gone: Missing) -> u8 {
            r#fn
        }

        #[event]
        fn kept(&self, ty: <Self as Named>::Name) -> <Self as Named>::Name {
            ty
        }

        #[event]
        #[allow(non_snake_case)]
        fn addUser(&self, userName: String) {
            let _ = userName;
        }

        #[event]
        #[expect(deprecated)]
        fn found(&self, found: Found) -> Found {
            found
        }
    }

    /// Has a name.
    pub trait Named {
        /// It.
        type Name;
    }

    impl Named for Chat {
        type Name = u8;
    }
}

fn types<C: Calls>(chat: &chat::ChatCaller<C>) {
    let _: Call<'_, i64> = chat.add(1, 2);
    let _: Call<'_, Vec<chat::Hit>> = chat.find("x", None, Some("y"));
    let _: Call<'_, (String, usize)> = chat.upload(b"x", "y", None);
    let _: Call<'_, Value> = chat.later();
    let _: Call<'_, Cow<'static, str>> = chat.all((1, 2), &[chat::Hit(1)]);
    #[expect(deprecated)]
    let _: Call<'_, Option<i64>> = chat.sum(&[1, 2]);
    let _: Call<'_, u8> = chat.r#type(1);
    let _: Call<'_, u8> = chat.kept(1);
}

fn main() {
    let _ = types::<socketio_core::client::Client>;
}
