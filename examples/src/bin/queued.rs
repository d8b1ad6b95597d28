//! Slow handlers of one connection: which wait for each other, and which run side by side.
//!
//! `cargo run --bin queued` prints the address to open; `pages/queued.html` is the other half. The page
//! calls all of them at once, and draws when each starts and ends.

use std::time::Duration;

use socketio_core::{SocketIo, prelude::*};
use socketio_examples::Options;

/// How long each handler takes.
const TAKES: Duration = Duration::from_millis(400);

/// One connection.
#[derive(Default)]
struct Worker {
    resets: u32,
}

#[socket_connection]
impl Worker {
    /// Nothing is said: one at a time with all others of which nothing is said.
    #[event]
    async fn step(&self, socket: &Socket, job: u32) -> Result<(), EmitError> {
        work(socket, job).await
    }

    /// One at a time with all others on the disk.
    #[event(queue = "disk")]
    async fn load(&self, socket: &Socket, job: u32) -> Result<(), EmitError> {
        work(socket, job).await
    }

    #[event(queue = "disk")]
    async fn save(&self, socket: &Socket, job: u32) -> Result<(), EmitError> {
        work(socket, job).await
    }

    /// One at a time, beside all others.
    #[event(queue)]
    async fn print(&self, socket: &Socket, job: u32) -> Result<(), EmitError> {
        work(socket, job).await
    }

    /// At once.
    #[event(concurrent)]
    async fn search(&self, socket: &Socket, job: u32) -> Result<(), EmitError> {
        work(socket, job).await
    }

    /// `&mut self`: when all that came before it is done, and before all that came after.
    #[event]
    async fn reset(&mut self, socket: &Socket, job: u32) -> Result<u32, EmitError> {
        self.resets += 1;
        work(socket, job).await?;
        Ok(self.resets)
    }
}

/// Tells the page that a job has started, and takes its time. The page knows its end by the answer.
async fn work(socket: &Socket, job: u32) -> Result<(), EmitError> {
    socket.emit("started", job)?;
    tokio::time::sleep(TAKES).await;
    Ok(())
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let options = Options::read();
    let io = SocketIo::builder::<Worker>().build();
    let page = options.page(include_str!("../../pages/queued.html"));
    io.serve(options.listen("Queued").await?, page).await
}
