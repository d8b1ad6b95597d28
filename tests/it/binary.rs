//! Binary values with clients whose packets are text: numbers, both ways.

use bytes::Bytes;
use socketio_core::{SocketIo, prelude::*};

use crate::client::{BOTH, Client, serve};

#[derive(Default)]
struct Files;

#[socket_connection]
impl Files {
    #[event]
    fn echo(&self, socket: &Socket, name: &str, data: Binary) -> Result<Binary, EmitError> {
        socket.emit("file", kwargs! { name: name, data: &data })?;
        Ok(data)
    }

    #[event]
    fn lengths(
        &self,
        owned: Bytes,
        lent: &[u8],
        maybe: Option<&[u8]>,
        #[default = b"none"] given: &[u8],
        #[default] empty: &[u8],
        #[rest] more: Vec<Binary>,
    ) -> Vec<usize> {
        let first = [owned.len(), lent.len(), maybe.map_or(99, <[u8]>::len)];
        let rest = more.iter().map(|binary| binary.len());
        first.into_iter().chain([given.len(), empty.len()]).chain(rest).collect()
    }

    #[on_message]
    fn message(&self, socket: &Socket, message: Message) -> Result<(), EmitError> {
        socket.send(message)?;
        socket.send(Binary(Bytes::from_static(&[1, 2])))
    }
}

#[tokio::test]
async fn a_legacy_client_sends_and_gets_binary_values_as_numbers() {
    let addr = serve(SocketIo::builder::<Files>().build()).await;
    for via in BOTH {
        let mut client = Client::connect(addr, via).await;
        let event = r#"5:1+::{"name":"echo","args":["a",[0,255]]}"#;
        let file = r#"5:::{"name":"file","args":[{"name":"a","data":[0,255]}]}"#;
        assert_eq!(client.ask(event).await, file);
        assert_eq!(client.next().await.unwrap(), "6:::1+[[0,255]]");
        assert_eq!(client.ask("4:::[7]").await, "4:::[7]");
        assert_eq!(client.next().await.unwrap(), "4:::[1,2]");
    }
}

#[tokio::test]
async fn bytes_are_parameters_of_any_form() {
    let addr = serve(SocketIo::builder::<Files>().build()).await;
    for via in BOTH {
        let mut client = Client::connect(addr, via).await;
        for (args, answer) in [
            (r#"[[1],"ab"]"#, "[[1,2,99,4,0]]"),
            (r#"["a\n",[],[1,2,3],null,[4],[5,6],"é"]"#, "[[2,0,3,4,1,2,2]]"),
            (r#"[{"owned":[1],"lent":[2],"empty":[3],"more":[[4,5]]}]"#, "[[1,1,99,4,1,2]]"),
            (
                "[[1],[256]]",
                r#"[{"error":"event `lengths`: argument `lent`: invalid value: integer `256`, expected u8"}]"#,
            ),
            (
                "[{},[]]",
                r#"[{"error":"event `lengths`: argument `owned`: invalid type: map, expected byte array"}]"#,
            ),
        ] {
            let event = format!(r#"5:1+::{{"name":"lengths","args":{args}}}"#);
            assert_eq!(client.ask(&event).await, format!("6:::1+{answer}"), "{args}");
        }
    }
}
