//! What the server allocates for each event, each delivery and each client at rest, by a counting allocator.
//!
//! Handlers take and give numbers, so that nothing here is theirs. What is claimed is the difference between few
//! and many: whatever happens once is left out.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::time::Duration;

use allocation_counter::measure;
use socketio_benches::steady::{Round, Steady};
use socketio_benches::wire::Wire;
use socketio_core::test::TestClient;
use socketio_core::{Endpoints, SocketIo, prelude::*};

#[derive(Default)]
struct Peer;

#[socket_connection]
impl Peer {
    #[event]
    fn add(&self, a: u64, b: u64) -> u64 {
        a + b
    }

    #[event]
    fn tell(&self, socket: &Socket, number: u64) -> Result<(), EmitError> {
        socket.server().emit("told", number)
    }
}

fn start(round: &Round) -> Steady {
    Steady::new(SocketIo::builder::<Peer>().build(), round).unwrap()
}

/// Allocations of one round, once all buffers have grown.
fn of_a_round(round: &Round) -> u64 {
    let mut steady = start(round);
    steady.rounds(50).unwrap();
    let mut count = |rounds| measure(|| steady.rounds(rounds).unwrap()).count_total;
    let few = count(100);
    (count(300) - few) / 200
}

/// So many events with acknowledgements, in one read.
fn additions(wire: Wire, count: usize) -> Round {
    let (sent, received) = match wire {
        Wire::Legacy => (r#"5:1+::{"name":"add","args":[2,3]}"#, "6:::1+[5]"),
        _ => (r#"421["add",2,3]"#, "431[5]"),
    };
    let (sent, received) = (vec![sent.to_owned(); count], vec![received.to_owned(); count]);
    Round { wire, clients: 1, sent, received, to_all: false }
}

fn broadcast(clients: usize) -> Round {
    let (sent, received) = (r#"42["tell",7]"#.to_owned(), r#"42["told",7]"#.to_owned());
    Round { wire: Wire::V4, clients, sent: vec![sent], received: vec![received], to_all: true }
}

/// The one of an event is its answer as JSON. Those of a read are its bytes, and that they are shared, by several
/// messages or by the parts of a legacy one.
#[test]
fn an_acknowledged_event_costs_one_allocation_and_a_read_two() {
    for (wire, alone) in [(Wire::V4, 2), (Wire::V2, 2), (Wire::Legacy, 3)] {
        let of = |count| of_a_round(&additions(wire, count));
        assert_eq!([of(1), of(16), of(32)], [alone, 18, 34], "{wire:?}");
    }
}

/// But for the list of all who get it, which doubles as it grows.
#[test]
fn a_delivery_of_a_broadcast_costs_no_allocation() {
    let (few, many) = (of_a_round(&broadcast(16)), of_a_round(&broadcast(256)));
    assert!(many - few <= 8, "{few} for 16 clients, {many} for 256");
}

/// The client's end in this process is some 300 bytes of it, and futures are larger here than in a release.
#[test]
fn a_client_takes_less_than_4_kib_of_the_heap() {
    let held = |clients| {
        let mut running = None;
        let measured = measure(|| {
            let mut steady = start(&broadcast(clients));
            steady.rounds(3).unwrap();
            running = Some(steady);
        });
        measured.bytes_current
    };
    let each = (held(192) - held(64)) / 128;
    assert!(each < 4 * 1024, "{each} bytes");
}

/// What a handler keeps while it waits.
const LARGE: usize = 8 * 1024;

async fn wait() {
    let large = [1_u8; LARGE];
    tokio::task::yield_now().await;
    assert!(std::hint::black_box(large).ends_with(&[1]));
}

/// All on its own queue.
#[derive(Default)]
struct Plain(u32);

#[socket_connection]
impl Plain {
    #[event]
    async fn count(&mut self) -> u32 {
        wait().await;
        self.0 += 1;
        self.0
    }
}

/// Some beside others.
#[derive(Default)]
struct Mixed(u32);

#[socket_connection]
impl Mixed {
    #[event]
    async fn count(&mut self) -> u32 {
        wait().await;
        self.0 += 1;
        self.0
    }

    #[event(concurrent)]
    async fn other(&self) {
        wait().await;
    }
}

/// Calls a handler, waits for a heartbeat, and calls it again; gives what it said, and the bytes that were given back
/// meanwhile.
fn rest<T: Endpoints<()> + Default>() -> ([u32; 2], i64) {
    let mut runtime = tokio::runtime::Builder::new_current_thread();
    let runtime = runtime.enable_all().start_paused(true).build().unwrap();
    let io = SocketIo::builder::<T>().build();
    let client = runtime.block_on(async { TestClient::connect(&io).await.unwrap() });
    let count = || runtime.block_on(client.call("count", ())).unwrap();
    let first = count();
    let minute = async { tokio::time::sleep(Duration::from_secs(60)).await };
    let rested = measure(|| runtime.block_on(minute));
    ([first, count()], -rested.bytes_current)
}

#[test]
fn a_connection_at_rest_keeps_no_room_for_its_handlers_and_goes_on_where_it_was() {
    for (said, given_back) in [rest::<Plain>(), rest::<Mixed>()] {
        assert_eq!(said, [1, 2]);
        assert!(given_back > LARGE as i64, "{given_back} bytes");
    }
}
