//! A Rust client of a server that it is told, typed both ways: `rust-client URL TRANSPORTS TOKEN`.
//!
//! Out: what it went through, a line of JSON each, which `official.test.mjs` reads.

use std::time::Duration;

use serde_json::{Value, json};
use socketio_core::client::{Client, ConnectError, Transports};
use socketio_core::{Binary, client_events};
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

/// What the server tells.
#[client_events]
trait Told {
    fn welcome(value: Value);
    fn missed(number: i64);
    async fn confirm(question: &str) -> String;
}

struct Page(UnboundedSender<Value>);

impl Told for Page {
    fn welcome(&self, value: Value) {
        let _over = self.0.send(json!(["welcome", value]));
    }

    fn missed(&self, number: i64) {
        let _over = self.0.send(json!(["missed", number]));
    }

    async fn confirm(&self, question: &str) -> String {
        format!("{question} yes")
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [url, transports, token] = args.as_slice() else {
        return Err("URL TRANSPORTS TOKEN".into());
    };
    let transports = match &**transports {
        "polling" => Transports::Polling,
        "websocket" => Transports::WebSocket,
        _ => Transports::Both,
    };
    let (sender, mut told) = unbounded_channel();
    let connecting = Client::connect(url)
        .auth(json!({ "token": token }))
        .transports(transports)
        .reconnection_delay(Duration::from_millis(50))
        .receive::<dyn Told, _>(Page(sender));
    let client = match connecting.await {
        Ok(client) => client,
        Err(ConnectError::Refused { message, data, .. }) => {
            println!("{}", json!(["refused", message, data]));
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    };
    println!("{}", told.recv().await.unwrap_or_default());
    println!("{}", json!(["add", client.call::<i64>("add", (1, 2)).await?]));
    let bytes = Binary(vec![1, 2, 3].into());
    let (reversed, length): (Binary, usize) = client.call("reverse", &bytes).await?;
    println!("{}", json!(["reverse", reversed.0.as_ref(), length]));
    println!("{}", json!(["ask", client.call::<String>("ask", ()).await?]));
    if transports == Transports::Both {
        // Which it comes to, sooner or later.
        while client.call::<String>("transport", ()).await? != "websocket" {}
    }
    println!("{}", json!(["transport", client.call::<String>("transport", ()).await?]));
    if transports != Transports::Polling {
        // Something must have come by which it can say where it was.
        client.emit("break", ())?;
        for _ in 0..3 {
            println!("{}", told.recv().await.unwrap_or_default());
        }
        println!("{}", json!(["recovered", client.call::<bool>("recovered", ()).await?]));
    }
    client.close().await;
    Ok(())
}
