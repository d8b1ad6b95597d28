//! Options that can't go together are refused when the server is built, with the reason.

use std::panic::catch_unwind;
use std::time::Duration;

use socketio_core::{Builder, Recovery, SocketIo, prelude::*};

#[derive(Default)]
struct Quiet;

#[socket_connection]
impl Quiet {}

type Configure = fn(Builder<Quiet>) -> Builder<Quiet>;

/// What building with these options says, if it is refused.
fn refusal(configure: Configure) -> Option<String> {
    let built = catch_unwind(|| configure(SocketIo::builder::<Quiet>()).build());
    built.err().map(|panic| *panic.downcast::<String>().unwrap())
}

const fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

#[test]
fn options_that_contradict_each_other_are_refused_with_the_reason() {
    let cases: [(Configure, &str); 19] = [
        (|io| io.path("io"), "`path` must start with `/`"),
        (|io| io.path("/io/"), "`path` must start with `/`"),
        (|io| io.session_expiry(Duration::ZERO), "interval or timeout is zero"),
        (|io| io.client_timeout(Duration::ZERO), "interval or timeout is zero"),
        (
            |io| io.heartbeat_timeout(secs(20)),
            "`heartbeat_timeout` must be longer than `polling_timeout`",
        ),
        (
            |io| io.heartbeat_interval(secs(61)),
            "`heartbeat_interval` must be shorter than `heartbeat_timeout`",
        ),
        (|io| io.close_timeout(secs(19)), "must be shorter than `close_timeout`"),
        (
            |io| io.close_timeout(secs(11)).polling_timeout(secs(1)),
            "must be shorter than `close_timeout`",
        ),
        (|io| io.path("/{any}"), "`path` must start with `/`"),
        (|io| io.ack_timeout(Duration::ZERO), "interval or timeout is zero"),
        (|io| io.queue_limit(0), "`queue_limit` or `receive_buffer_limit` is zero"),
        (|io| io.receive_buffer_limit(0), "`queue_limit` or `receive_buffer_limit` is zero"),
        (|io| io.max_packets_per_second(0), "`max_packets_per_second` is zero"),
        (|io| io.recovery(Recovery::default().window(Duration::ZERO)), "window of `recovery`"),
        (|io| io.recovery(Recovery::default().log_bytes(5 << 20)), "`log_bytes` of `recovery`"),
        (|io| io.heartbeat_interval(secs(60)), "`heartbeat_interval` must be shorter"),
        (|io| io.close_timeout(secs(20)), "must be shorter than `close_timeout`"),
        (
            |io| io.websocket_check(true).client_timeout(secs(10)),
            "`client_timeout` must be shorter",
        ),
        (|io| io.send_buffer_limit(0), "is zero"),
        (|io| io.max_message_bytes(0), "is zero"),
    ];
    for (configure, reason) in cases {
        let said = refusal(configure).unwrap_or_default();
        assert!(said.contains(reason), "{said:?} should say {reason}");
    }
}

#[test]
fn options_that_no_client_feels_may_be_anything() {
    let cases: [Configure; 4] = [
        |io| io,
        |io| io.heartbeats(false).heartbeat_interval(secs(3600)),
        |io| io.heartbeats(false).polling_timeout(secs(600)),
        |io| io.session_check_interval(Duration::MAX).session_expiry(Duration::MAX),
    ];
    for configure in cases {
        assert_eq!(refusal(configure), None);
    }
}
