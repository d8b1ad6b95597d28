//! What the server offers: transports, and the options that make no server.

use std::panic::{AssertUnwindSafe, catch_unwind};

use socketio_core::{Builder, Origins, SocketIo, Transport, prelude::*};
use socketio_tests::http;

use crate::client::{Client, Via, serve};

#[derive(Default)]
struct Lobby;

#[socket_connection]
impl Lobby {
    #[event]
    fn transport(&self, socket: &Socket) -> Option<&'static str> {
        socket.transport().map(Transport::as_str)
    }

    #[event]
    fn secret(&self) -> &'static str {
        "told"
    }
}

fn build() -> Builder<Lobby> {
    SocketIo::builder::<Lobby>()
}

#[tokio::test]
async fn clients_are_offered_these_transports_in_this_order_and_no_others() {
    use Transport::*;
    let all = [WebSocket, FlashSocket, HtmlFile, XhrPolling, JsonpPolling];
    for (offered, expected) in [
        (None, "websocket,flashsocket,htmlfile,xhr-polling,jsonp-polling"),
        (Some(vec![XhrPolling, WebSocket]), "xhr-polling,websocket"),
        (Some(vec![JsonpPolling]), "jsonp-polling"),
    ] {
        let io = match &offered {
            Some(offered) => build().transports(offered.iter().copied()),
            None => build(),
        };
        let addr = serve(io.build()).await;
        let line = http::request(addr, "GET", "/socket.io/1/", &[], b"").await.unwrap();
        assert_eq!(line.text().split(':').nth(3), Some(expected));
        for transport in all {
            let path = format!("/socket.io/1/{}/nosuch", transport.as_str());
            let answer = http::request(addr, "PUT", &path, &[], b"").await.unwrap();
            let is_offered = offered.as_ref().is_none_or(|offered| offered.contains(&transport));
            let is_unknown = answer.status == 400 && answer.text() == "unknown transport";
            assert_eq!(is_unknown, !is_offered, "{path}: {answer:?}");
        }
    }
}

#[tokio::test]
async fn a_page_can_say_goodbye_by_a_transport_that_is_not_offered() {
    let io = build().transports([Transport::XhrPolling]).build();
    let addr = serve(io.clone()).await;
    let client = Client::connect(addr, Via::Polling).await;
    for name in ["", "websocket"] {
        let path = format!("/socket.io/1/{name}/{}/?disconnect=1", client.session);
        assert_eq!(http::request(addr, "GET", &path, &[], b"").await.unwrap().status, 200);
    }
    let path = format!("/socket.io/1/xhr-polling/{}", client.session);
    let answer = http::request(addr, "GET", &path, &[], b"").await.unwrap();
    assert_eq!(answer.text(), "7:::1+0");
}

#[tokio::test]
async fn events_on_the_blacklist_reach_no_handler() {
    let addr = serve(build().event_blacklist(["secret"]).build()).await;
    let mut client = Client::connect(addr, Via::WebSocket).await;
    client.send(r#"5:1+::{"name":"secret"}"#).await;
    let answer = client.ask(r#"5:2+::{"name":"transport"}"#).await;
    assert_eq!(answer, r#"6:::2+["websocket"]"#);
}

#[test]
fn options_that_make_no_server_are_refused_with_the_reason() {
    use Transport::*;
    let list = |entry: &str| Origins::List(vec![entry.to_owned()]);
    for (builder, expected) in [
        (build().transports([]), "`transports` is empty"),
        (build().transports([XhrPolling, WebSocket, XhrPolling]), "names xhr-polling twice"),
        (build().origins(list("example.com")), r#"entry "example.com": it has neither scheme"#),
        (build().transports([WebSocket]).flash_policy_port(843), "without flashsocket"),
        (build().transports([WebSocket]).flash_policy_file("x"), "without flashsocket"),
        (build().flash_policy_port(0), "`flash_policy_port` is 0"),
        (build().flash_policy_file("/no/such/policy.xml"), "/no/such/policy.xml: No such file"),
    ] {
        let panic = catch_unwind(AssertUnwindSafe(|| builder.build())).unwrap_err();
        let reason = panic.downcast::<String>().unwrap();
        assert!(reason.contains(expected), "{reason}");
    }
}
