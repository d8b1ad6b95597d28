//! A server that Prometheus scrapes.
//!
//! `cargo run --bin metrics` prints the address; at `/metrics` are the figures of the server, as the crate `metrics`
//! collects them together with those of the application. Clients get them with
//! `socket.emit('stats', stats => …)`.

use axum::{Router, routing::get};
use metrics_exporter_prometheus::{BuildError, PrometheusBuilder};
use socketio_core::{SocketIo, Stats, prelude::*};
use socketio_examples::{Options, bind};

#[derive(Default)]
struct Echo;

#[socket_connection]
impl Echo {
    #[on_message]
    fn message(&self, socket: &Socket, message: Message) -> Result<(), EmitError> {
        socket.send(message)
    }

    /// The same figures and more, for a page that shows them.
    #[event]
    fn stats(&self, socket: &Socket) -> Stats {
        socket.server().stats()
    }
}

/// The server, and the page for Prometheus.
fn set_up() -> Result<(SocketIo, Router), BuildError> {
    // The recorder first: a server reports to the one that is there when it is built.
    let recorder = PrometheusBuilder::new().install_recorder()?;
    let page = Router::new().route("/metrics", get(async move || recorder.render()));
    Ok((SocketIo::builder::<Echo>().build(), page))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let options = Options::read();
    let (io, page) = set_up()?;
    let listener = bind(options.address).await?;
    println!("Metrics: http://{}/metrics", listener.local_addr()?);
    io.serve(listener, page).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use socketio_tests::http;
    use socketio_tests::websocket::WebSocket;
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_scrape_tells_who_is_connected_and_what_was_sent() {
        let (io, page) = set_up().unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let addr = listener.local_addr().unwrap();
        tokio::spawn(async move { io.serve_until(listener, page, std::future::pending()).await });
        let ask = async |path: &str| {
            http::request(addr, "GET", path, &[], b"").await.unwrap().text().into_owned()
        };
        let handshake = async || {
            let line = ask("/socket.io/1/").await;
            line.split(':').next().unwrap().to_owned()
        };

        let path = format!("/socket.io/1/websocket/{}", handshake().await);
        let mut websocket = WebSocket::open(addr, &path, &[], "13").await.unwrap();
        websocket.answer().await.unwrap();
        websocket.send_text("3:::hello").await.unwrap();
        for expected in ["1::", "3:::hello"] {
            assert_eq!(websocket.receive().await.unwrap().unwrap().text(), Some(expected));
        }
        let path = format!("/socket.io/1/xhr-polling/{}", handshake().await);
        assert_eq!(ask(&path).await, "1::");

        let scraped = ask("/metrics").await;
        for line in [
            "# HELP socketio_sessions Clients that have shaken hands, whose session is not over.",
            "# TYPE socketio_sessions gauge",
            r#"socketio_sessions{protocol="legacy"} 2"#,
            "# TYPE socketio_sessions_opened_total counter",
            r#"socketio_sessions_opened_total{protocol="legacy"} 2"#,
            "# TYPE socketio_connections gauge",
            r#"socketio_connections{transport="websocket"} 1"#,
            r#"socketio_connections{transport="xhr-polling"} 0"#,
            r#"socketio_connections{transport="htmlfile"} 0"#,
            r#"socketio_connections_opened_total{transport="websocket"} 1"#,
            r#"socketio_connections_opened_total{transport="xhr-polling"} 1"#,
            "# TYPE socketio_packets_sent_total counter",
            r#"socketio_packets_sent_total{transport="websocket"} 2"#,
            r#"socketio_packets_sent_total{transport="xhr-polling"} 1"#,
            "# TYPE socketio_packets_received_total counter",
            r#"socketio_packets_received_total{transport="websocket"} 1"#,
            r#"socketio_packets_received_total{transport="jsonp-polling"} 0"#,
        ] {
            assert!(scraped.lines().any(|found| found == line), "{line}\nis not in\n{scraped}");
        }

        let unknown = "/socket.io/1/xhr-polling/AAAAAAAAAAAAAAAAAAAAAA";
        assert_eq!(ask(unknown).await, "7:::1+0");
        let early = format!("3::/nowhere:{}", "x".repeat(64 * 1024));
        websocket.send_text(&early).await.unwrap();
        websocket.send_text("0::").await.unwrap();
        while websocket.receive().await.unwrap().is_some() {}
        let scraped = ask("/metrics").await;
        for line in [
            r#"socketio_sessions{protocol="legacy"} 1"#,
            r#"socketio_connections{transport="websocket"} 0"#,
            r#"socketio_sessions_closed_total{reason="client disconnect"} 1"#,
            r#"socketio_endpoints_closed_total{reason="client disconnect"} 1"#,
            "# TYPE socketio_limits_hit_total counter",
            r#"socketio_limits_hit_total{limit="early packets"} 1"#,
            r#"socketio_limits_hit_total{limit="rooms"} 0"#,
            "socketio_unknown_sessions_total 1",
        ] {
            assert!(scraped.lines().any(|found| found == line), "{line}\nis not in\n{scraped}");
        }
    }
}
