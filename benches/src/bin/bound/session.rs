//! What both carriers share: the clients that are there, what waits for each, and what a packet does.
//!
//! In: packets as they come. Out: packets for the client itself, appended to a buffer; and for others, put
//! into their queues, whose tasks are woken.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;

use bytes::Bytes;
use serde::Deserialize;
use serde_json::value::RawValue;
use socketio_benches::frame::put;

/// All that the bound knows.
pub(crate) struct Server {
    checked: bool,
    next: AtomicU64,
    pub(crate) clients: Mutex<HashMap<u64, Arc<Client>>>,
}

/// One client, as others reach it.
#[derive(Default)]
pub(crate) struct Client {
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Packets and what each is as a frame, shared by all who get it.
    queue: Vec<(Bytes, Bytes)>,
    waker: Option<Waker>,
}

impl Client {
    pub(crate) fn push(&self, packet: Bytes, frame: Bytes) {
        let mut state = lock(&self.state);
        state.queue.push((packet, frame));
        if let Some(waker) = state.waker.take() {
            drop(state);
            waker.wake();
        }
    }

    /// What waits; the task is woken when more does.
    pub(crate) fn take(&self, waker: &Waker) -> Vec<(Bytes, Bytes)> {
        let mut state = lock(&self.state);
        if !state.waker.as_ref().is_some_and(|old| old.will_wake(waker)) {
            state.waker = Some(waker.clone());
        }
        std::mem::take(&mut state.queue)
    }
}

impl Server {
    pub(crate) fn new(checked: bool) -> Self {
        Self { checked, next: AtomicU64::new(0), clients: Mutex::default() }
    }

    /// Takes a client in.
    pub(crate) fn enter(&self) -> (u64, Arc<Client>) {
        let (id, client) = (self.next.fetch_add(1, Ordering::Relaxed), Arc::default());
        lock(&self.clients).insert(id, Arc::clone(&client));
        (id, client)
    }

    pub(crate) fn leave(&self, id: u64) {
        lock(&self.clients).remove(&id);
    }

    /// Asks those clients whether they are alive whose second it is.
    pub(crate) fn ping_those_of(&self, second: u64) {
        let (packet, frame) = both(b"2");
        for (id, client) in &*lock(&self.clients) {
            if id % crate::PING_INTERVAL == second {
                client.push(packet.clone(), frame.clone());
            }
        }
    }

    /// Does what a packet asks for; `answer` gets each packet for the client itself.
    pub(crate) fn handle(&self, packet: &[u8], mut answer: impl FnMut(&[&[u8]])) {
        let Some(event) = packet.strip_prefix(b"42") else {
            if packet == b"40" {
                answer(&[br#"40{"sid":"bound"}"#]);
            }
            return;
        };
        let digits = event.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (id, args) = event.split_at(digits);
        let Some(comma) = args.iter().position(|byte| *byte == b',') else { return };
        let (name, value) = (&args[1..comma], &args[comma + 1..args.len() - 1]);
        if self.checked && !is_json(value) {
            return;
        }
        match name {
            br#""echo""# | br#""object""# => answer(&[b"43", id, b"[", value, b"]"]),
            br#""join""# => answer(&[b"43", id, b"[]"]),
            _ => {
                let (packet, frame) = both(&[br#"42["news","#, value, b"]"].concat());
                for client in lock(&self.clients).values() {
                    client.push(packet.clone(), frame.clone());
                }
            }
        }
    }
}

fn both(packet: &[u8]) -> (Bytes, Bytes) {
    let mut frame = Vec::new();
    put(&mut frame, 1, packet);
    (Bytes::copy_from_slice(packet), frame.into())
}

fn is_json(bytes: &[u8]) -> bool {
    <&RawValue>::deserialize(&mut serde_json::Deserializer::from_slice(bytes)).is_ok()
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
