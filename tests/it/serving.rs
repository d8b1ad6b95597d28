//! The server among other services, and its end.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, Version};
use axum::routing::get;
use bytes::Bytes;
use socketio_core::{SocketIo, prelude::*};
use socketio_tests::http;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tower_layer::Layer as _;
use tower_service::Service;

use crate::client::{Client, Via};

#[derive(Default)]
struct Echo;

#[socket_connection]
impl Echo {
    #[on_message]
    fn message(&self, socket: &Socket, message: Message) -> Result<(), EmitError> {
        socket.send(message)
    }

    #[event]
    async fn hang(&self) {
        std::future::pending::<()>().await;
    }
}

async fn ask<S>(service: &mut S, path: &str) -> (StatusCode, String)
where
    S: Service<Request<Body>, Response = axum::http::Response<Body>, Error = Infallible>,
{
    let answer = service.call(Request::get(path).body(Body::empty()).unwrap()).await.unwrap();
    let status = answer.status();
    let body = to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn it_is_a_router_a_service_and_a_layer() {
    let io = SocketIo::builder::<Echo>().path("/rpc").build();
    let app = Router::<()>::new().route("/", get(|| async { "page" }));

    let mut merged = app.clone().merge(io.router());
    let mut layered = io.layer().layer(app);
    let mut alone = io.service();
    for path in ["/rpc", "/rpc/"] {
        let welcome = (StatusCode::OK, "Welcome to socket.io.".to_owned());
        assert_eq!(ask(&mut merged, path).await, welcome);
        assert_eq!(ask(&mut layered, path).await, welcome);
        assert_eq!(ask(&mut alone, path).await, welcome);
    }
    let page = (StatusCode::OK, "page".to_owned());
    assert_eq!(ask(&mut merged, "/").await, page);
    assert_eq!(ask(&mut layered, "/").await, page);
    assert_eq!(ask(&mut alone, "/").await.0, StatusCode::NOT_FOUND);
    let (status, line) = ask(&mut merged, "/rpc/1/").await;
    assert_eq!(status, StatusCode::OK);
    assert!(
        line.ends_with(":60:60:websocket,flashsocket,htmlfile,xhr-polling,jsonp-polling"),
        "{line}"
    );
    assert_eq!(ask(&mut layered, "/socket.io/1/").await.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn stopping_ends_transports_so_that_clients_come_back() {
    let io = SocketIo::builder::<Echo>().build();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let addr = listener.local_addr().unwrap();
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn({
        let io = io.clone();
        async move {
            let stopped = async move { drop(stopped.await) };
            io.serve_until(listener, Router::new(), stopped).await;
        }
    });
    let mut websocket = Client::connect(addr, Via::WebSocket).await;
    let polling = Client::connect(addr, Via::Polling).await;
    let path = format!("/socket.io/1/xhr-polling/{}", polling.session);
    let poll = http::open(addr, "GET", &path, &[], b"").await.unwrap();
    // The answer to a message shows that the poll sent before it is waiting, or will not wait at all.
    assert_eq!(websocket.ask("3:::still here").await, "3:::still here");
    stop.send(()).unwrap();

    let goodbye = websocket.websocket().receive().await.unwrap().unwrap();
    assert_eq!((goodbye.opcode(), &goodbye.payload[..]), (8, &1001_u16.to_be_bytes()[..]));
    drop(websocket);
    assert_eq!(poll.response().await.unwrap().status, 503);
    serving.await.unwrap();
    assert_eq!(io.sessions(), 0);
    assert!(http::request(addr, "GET", "/socket.io/1/", &[], b"").await.is_err());
}

#[tokio::test(start_paused = true)]
async fn a_handshake_that_nobody_follows_up_is_forgotten() {
    let io = SocketIo::builder::<Echo>().session_expiry(Duration::from_secs(30)).build();
    let mut service = io.service();
    assert_eq!(ask(&mut service, "/socket.io/1/").await.0, StatusCode::OK);
    assert_eq!(io.sessions(), 1);
    tokio::time::sleep(Duration::from_secs(29)).await;
    assert_eq!(io.sessions(), 1);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(io.sessions(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_handler_that_never_ends_is_dropped_after_its_session() {
    let io = SocketIo::builder::<Echo>().build();
    let mut service = io.service();
    let (_, line) = ask(&mut service, "/socket.io/1/").await;
    let url = format!("/socket.io/1/xhr-polling/{}", line.split(':').next().unwrap());
    let hang = Request::post(&url).body(Body::from(r#"5:::{"name":"hang"}"#)).unwrap();
    assert_eq!(service.call(hang).await.unwrap().status(), StatusCode::OK);
    ask(&mut service, &format!("{url}?disconnect")).await;
    tokio::time::sleep(Duration::from_secs(29)).await;
    assert_eq!(io.sessions(), 1);
    tokio::time::sleep(Duration::from_secs(2)).await;
    assert_eq!(io.sessions(), 0);
}

#[allow(dead_code)]
fn futures_are_send(io: SocketIo, listener: TcpListener) -> impl Future + Send {
    async move { io.serve(listener, Router::new()).await }
}

#[tokio::test]
async fn pages_over_http_2_are_of_the_same_host_by_the_url() {
    let mut service = SocketIo::builder::<Echo>().build().service();
    for (origin, expected) in [
        ("https://shop.example", StatusCode::OK),
        ("https://shop.example:8443", StatusCode::FORBIDDEN),
        ("https://evil.example", StatusCode::FORBIDDEN),
    ] {
        let request = Request::get("https://shop.example/socket.io/1/")
            .version(Version::HTTP_2)
            .header("origin", origin)
            .body(Body::empty())
            .unwrap();
        assert_eq!(service.call(request).await.unwrap().status(), expected, "{origin}");
    }
}

#[tokio::test]
async fn a_handshake_brings_no_more_headers_than_are_kept() {
    let mut service = SocketIo::builder::<Echo>().build().service();
    for (bytes, expected) in
        [(16 * 1024 - 1, StatusCode::OK), (16 * 1024, StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE)]
    {
        let request = Request::get("/socket.io/1/").header("x", "y".repeat(bytes));
        let answer = service.call(request.body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(answer.status(), expected, "{bytes}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_post_whose_body_does_not_come_is_given_up() {
    struct Endless;
    impl http_body::Body for Endless {
        type Data = Bytes;
        type Error = Infallible;

        fn poll_frame(
            self: Pin<&mut Self>,
            _: &mut Context<'_>,
        ) -> Poll<Option<Result<http_body::Frame<Bytes>, Infallible>>> {
            Poll::Pending
        }
    }
    let io = SocketIo::builder::<Echo>().build();
    let mut service = io.service();
    let (_, line) = ask(&mut service, "/socket.io/1/").await;
    let path = format!("/socket.io/1/xhr-polling/{}", line.split(':').next().unwrap());
    let answer = service.call(Request::post(path).body(Endless).unwrap()).await.unwrap();
    assert_eq!(answer.status(), StatusCode::REQUEST_TIMEOUT);
}
