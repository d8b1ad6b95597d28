//! Pages that never end: what the recordings do not hold.

use std::future::poll_fn;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::body::{Body, HttpBody as _, to_bytes};
use axum::http::{Request, StatusCode};
use socketio_core::{SocketIo, prelude::*};
use socketio_tests::connection::DEADLINE;
use socketio_tests::http;
use tokio::sync::Notify;
use tower_service::Service as _;

use crate::client::serve;

#[derive(Clone, Default)]
struct Diary {
    lines: Arc<Mutex<Vec<String>>>,
    noted: Arc<Notify>,
}

#[derive(Default)]
struct Talk;

#[socket_connection]
impl Talk {
    #[on_message]
    fn echo(&self, socket: &Socket, message: Message) -> Result<(), EmitError> {
        socket.send(message)
    }

    /// Several messages at once.
    #[event]
    fn burst(&self, socket: &Socket, #[rest] texts: Vec<String>) -> Result<(), EmitError> {
        texts.into_iter().try_for_each(|text| socket.send(text))
    }

    #[event]
    fn transport(&self, socket: &Socket) -> &'static str {
        socket.transport().map_or("", |transport| transport.as_str())
    }

    #[on_close]
    fn close(&self, State(diary): State<Diary>, reason: CloseReason) {
        diary.lines.lock().unwrap().push(reason.to_string());
        diary.noted.notify_one();
    }
}

/// A session that is carried by a page, without a network between.
struct Page {
    io: SocketIo,
    url: String,
    body: Body,
}

impl Page {
    async fn open(io: SocketIo) -> Self {
        let line = text(&io, Request::get("/socket.io/1/"), "").await;
        let url = format!("/socket.io/1/htmlfile/{}", line.split(':').next().unwrap());
        let request = Request::get(&url).body(Body::empty()).unwrap();
        let answer = io.service().call(request).await.unwrap();
        assert_eq!(answer.headers()["content-type"], "text/html; charset=UTF-8");
        let mut page = Self { io, url, body: answer.into_body() };
        let prelude = page.chunk().await.unwrap();
        assert_eq!((prelude.len(), prelude.trim_end().ends_with("</script>")), (256, true));
        assert_eq!(page.chunk().await.as_deref(), Some(r#"<script>_("1::");</script>"#));
        page
    }

    /// What comes next; `None` at the end.
    async fn chunk(&mut self) -> Option<String> {
        let frame = poll_fn(|cx| Pin::new(&mut self.body).poll_frame(cx)).await?;
        Some(String::from_utf8(frame.unwrap().into_data().unwrap().to_vec()).unwrap())
    }

    async fn post(&self, packets: &str) -> String {
        text(&self.io, Request::post(&self.url), packets).await
    }
}

async fn text(io: &SocketIo, request: axum::http::request::Builder, body: &str) -> String {
    let request = request.body(Body::from(body.to_owned())).unwrap();
    let answer = io.service().call(request).await.unwrap();
    assert_eq!(answer.status(), StatusCode::OK);
    String::from_utf8(to_bytes(answer.into_body(), 1 << 20).await.unwrap().to_vec()).unwrap()
}

/// One that waits for nobody to come back.
fn forgetful() -> (SocketIo, Diary) {
    let diary = Diary::default();
    let io = SocketIo::builder::<Talk>().state(diary.clone());
    (io.session_expiry(Duration::from_secs(1)).build(), diary)
}

fn build() -> (SocketIo, Diary) {
    let diary = Diary::default();
    (SocketIo::builder::<Talk>().state(diary.clone()).build(), diary)
}

#[tokio::test]
async fn nothing_that_is_sent_ends_a_script() {
    let (io, _) = build();
    let mut page = Page::open(io).await;
    for (text, literal) in [
        ("</script>", r"<\/script>"),
        ("<!--<script>", r"\u003c!--<script>"),
        ("\"\u{2028}\n😀", r#"\"\u2028\n😀"#),
    ] {
        assert_eq!(page.post(&format!("3:::{text}")).await, "1");
        let script = format!(r#"<script>_("3:::{literal}");</script>"#);
        assert_eq!(page.chunk().await, Some(script));
    }
    page.post(r#"5:1+::{"name":"transport"}"#).await;
    let script = r#"<script>_("6:::1+[\"htmlfile\"]");</script>"#;
    assert_eq!(page.chunk().await.as_deref(), Some(script));
}

#[tokio::test]
async fn what_clients_would_count_wrong_is_not_put_into_a_payload() {
    let (io, _) = build();
    let mut page = Page::open(io).await;
    page.post(r#"5:::{"name":"burst","args":["a","b/"]}"#).await;
    let payload = "<script>_(\"\u{fffd}5\u{fffd}3:::a\u{fffd}6\u{fffd}3:::b\\/\");</script>";
    assert_eq!(page.chunk().await.as_deref(), Some(payload));
    page.post(r#"5:::{"name":"burst","args":["a","\\/"]}"#).await;
    let scripts = r#"<script>_("3:::a");</script><script>_("3:::\\\/");</script>"#;
    assert_eq!(page.chunk().await.as_deref(), Some(scripts));
}

#[tokio::test(start_paused = true)]
async fn a_page_has_heartbeats_and_ends_without_answers_to_them() {
    let diary = Diary::default();
    let io = SocketIo::builder::<Talk>()
        .state(diary.clone())
        .heartbeat_interval(Duration::from_secs(25))
        .heartbeat_timeout(Duration::from_secs(60))
        .build();
    let mut page = Page::open(io).await;
    let start = tokio::time::Instant::now();
    for seconds in [25, 50] {
        assert_eq!(page.chunk().await.as_deref(), Some(r#"<script>_("2::");</script>"#));
        assert_eq!(start.elapsed().as_secs(), seconds);
        page.post("2::").await;
    }
    page.chunk().await;
    let broken_off = poll_fn(|cx| Pin::new(&mut page.body).poll_frame(cx)).await.unwrap();
    assert!(broken_off.is_err());
    assert_eq!(start.elapsed().as_secs(), 135);
    assert_eq!(*diary.lines.lock().unwrap(), ["heartbeat timeout"]);
}

#[tokio::test]
async fn a_server_that_stops_tells_a_page_to_come_back() {
    let (io, _) = build();
    let mut page = Page::open(io.clone()).await;
    tokio::spawn(async move { io.close().await });
    assert_eq!(page.chunk().await.as_deref(), Some(r#"<script>_("7:::1+0");</script>"#));
    assert_eq!(page.chunk().await, None);
}

#[tokio::test]
async fn a_page_for_a_session_that_is_not_there_says_so_and_ends() {
    let (io, _) = build();
    let page = text(&io, Request::get("/socket.io/1/htmlfile/nosuch"), "").await;
    assert_eq!(page.get(256..), Some(r#"<script>_("7:::1+0");</script>"#));
}

#[tokio::test]
async fn a_client_that_goes_away_has_left() {
    let (io, diary) = forgetful();
    let page = Page::open(io).await;
    drop(page.body);
    tokio::time::timeout(DEADLINE, diary.noted.notified()).await.expect("nobody noticed");
    assert_eq!(*diary.lines.lock().unwrap(), ["transport error"]);
}

#[tokio::test]
async fn a_connection_that_is_cut_is_a_client_that_left() {
    let (io, diary) = forgetful();
    let addr = serve(io).await;
    let line = http::request(addr, "GET", "/socket.io/1/", &[], b"").await.unwrap();
    let url = format!("/socket.io/1/htmlfile/{}", line.text().split(':').next().unwrap());
    let mut page = http::open(addr, "GET", &url, &[], b"").await.unwrap();
    page.head().await.unwrap();
    page.abort().await.unwrap();
    tokio::time::timeout(DEADLINE, diary.noted.notified()).await.expect("nobody noticed");
    assert_eq!(*diary.lines.lock().unwrap(), ["transport error"]);
}

#[tokio::test]
async fn a_page_that_nobody_reads_is_a_slow_consumer() {
    let diary = Diary::default();
    let io = SocketIo::builder::<Talk>().state(diary.clone()).send_buffer_limit(10_000).build();
    let page = Page::open(io.clone()).await;
    let mut sent = 0;
    loop {
        io.of("").send("x".repeat(1_000)).unwrap();
        sent += 1;
        // Its answer shows that the message has left the session for the page.
        let request = Request::post(&page.url).body(Body::from("8::")).unwrap();
        if io.service().call(request).await.unwrap().status() != StatusCode::OK {
            break;
        }
    }
    assert_eq!(sent, 11);
    tokio::time::timeout(DEADLINE, diary.noted.notified()).await.expect("it goes on");
    assert_eq!(*diary.lines.lock().unwrap(), ["slow consumer"]);
}

#[tokio::test]
async fn another_transport_of_the_session_takes_over() {
    let (io, _) = build();
    let mut page = Page::open(io.clone()).await;
    page.post("3:::one").await;
    page.chunk().await;
    let poll = Request::get(page.url.replace("htmlfile", "xhr-polling"));
    let (polled, broken_off) = tokio::join!(text(&io, poll, ""), async {
        let end = poll_fn(|cx| Pin::new(&mut page.body).poll_frame(cx)).await;
        text(&io, Request::post(&page.url), "3:::two").await;
        end
    });
    assert_eq!(polled, "3:::two");
    assert!(broken_off.unwrap().is_err());
}
