//! Endpoints that come and go, and connections that come back, on a virtual clock.

use std::net::IpAddr;

use super::*;
use crate::driver::Wire;
use crate::id::{SessionId, SocketId};
use crate::protocol::{Emission, EmissionBody};

const UNNOTICED: Duration = Duration::from_secs(45);

/// A room's name, or an endpoint's.
fn named(name: &'static str) -> ByteString {
    ByteString::from_static(name)
}

fn mailbox() -> Mailbox {
    Mailbox::new(SessionId::random().unwrap(), Wire::Engine4, None, usize::MAX)
}

/// One client at the endpoint `/chat`.
struct Client {
    id: SocketId,
    recovery: RecoveryId,
    mailbox: Mailbox,
}

impl Client {
    fn come(rooms: &Rooms) -> Self {
        Self::come_on(rooms, mailbox())
    }

    fn come_on(rooms: &Rooms, mailbox: Mailbox) -> Self {
        let (id, recovery) = (SocketId::random().unwrap(), RecoveryId::random().unwrap());
        let client = Self { id, recovery, mailbox };
        rooms.add(&named("/chat"), client.id.key(), client.mailbox.clone());
        client
    }

    fn join(&self, rooms: &Rooms, room: &'static str) {
        rooms.join("/chat", self.id.key(), named(room));
    }

    fn leave(&self, rooms: &Rooms, now: Instant) {
        let kept = Kept { id: self.id.clone(), extensions: Arc::default() };
        rooms.remove("/chat", self.id.key(), Some((self.recovery, kept)), now);
    }

    /// Comes back, and gives the texts that it missed behind the one at `offset`.
    fn back(&self, rooms: &Rooms, offset: Option<&str>, now: Instant) -> Option<Vec<String>> {
        let claim = Claim { id: self.recovery, offset: offset.map(Into::into) };
        let returned = rooms.bring_back("/chat", &claim, mailbox(), now)?;
        assert_eq!(returned.kept.id, self.id);
        let text = |emission: &Arc<Emission>| match emission.body() {
            EmissionBody::Text(text) => text.to_string(),
            body => panic!("{body:?}"),
        };
        Some(returned.missed.iter().map(text).collect())
    }
}

fn text(text: &str) -> Emission {
    Emission::new(named("/chat"), EmissionBody::Text(text.into()))
}

fn to(rooms: &[&'static str], except: &[&'static str]) -> Selection {
    let named = |names: &[&'static str]| names.iter().map(|name| named(name)).collect();
    Selection { rooms: named(rooms), except_rooms: named(except), except: None }
}

/// The offset of the last emission.
fn last(rooms: &Rooms) -> String {
    format!("{:x}", rooms.last())
}

fn with(recovery: Recovery) -> Rooms {
    Rooms::with_recovery(recovery, UNNOTICED)
}

fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

#[test]
fn an_endpoint_that_all_have_left_is_forgotten() {
    let rooms = Rooms::default();
    let [first, second] = [(); 2].map(|()| SocketKey::random().unwrap());
    let chat = named("/chat");
    for socket in [first, second] {
        rooms.add(&chat, socket, mailbox());
        rooms.join(&chat, socket, named("lobby"));
    }
    rooms.remove(&chat, first, None, now());
    assert_eq!(rooms.rooms_of(&chat, second), ["lobby"]);
    rooms.remove(&chat, second, None, now());
    assert!(read(&rooms.endpoints).is_empty());
    rooms.add(&chat, first, mailbox());
    rooms.join(&chat, first, named("hall"));
    assert_eq!(rooms.rooms_of(&chat, first), ["hall"]);
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_is_forgotten_when_nobody_can_come_back_to_it() {
    let rooms = with(Recovery::default());
    let client = Client::come(&rooms);
    client.leave(&rooms, now());
    tokio::time::advance(Duration::from_secs(119)).await;
    tokio::task::yield_now().await;
    assert_eq!(read(&rooms.endpoints).len(), 1);
    while !read(&rooms.endpoints).is_empty() {
        // The clock moves when nothing else can.
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let journal = rooms.journal.as_ref().unwrap();
    assert_eq!(journal.away.load(Ordering::SeqCst), 0);
    assert!(!journal.swept.load(Ordering::SeqCst));
}

#[test]
fn one_who_comes_back_gets_what_was_for_it_and_nothing_else() {
    let rooms = with(Recovery::default());
    let [client, other] = [(); 2].map(|()| Client::come(&rooms));
    client.join(&rooms, "in");
    rooms.broadcast(to(&["late"], &[]), text("before it entered"), false);
    client.join(&rooms, "late");
    rooms.broadcast(to(&[], &[]), text("got"), false);
    let offset = last(&rooms);
    rooms.broadcast(to(&[], &[]), text("on its way"), false);
    client.leave(&rooms, now());
    rooms.broadcast(to(&["in", "late"], &[]), text("rooms"), false);
    rooms.broadcast(to(&["other"], &[]), text("another room"), false);
    rooms.broadcast(to(&[], &["late"]), text("excepted"), false);
    rooms.broadcast(to(&[], &["other"]), text("not excepted"), false);
    rooms.broadcast(to(&[], &[]), text("volatile"), true);
    let except = Selection { except: Some(client.id.key()), ..Selection::default() };
    rooms.broadcast(except, text("its own"), false);
    for (to, is_closed, said) in [(&client, true, "to it"), (&other, false, "to another")] {
        let Client { id, recovery, mailbox } = to;
        let recovery = Some(*recovery);
        let member = Member { socket: id.key(), mailbox, recovery, is_closed };
        assert_eq!(rooms.emit(&member, text(said), false), Ok(()));
    }
    let missed = client.back(&rooms, Some(&offset), now()).unwrap();
    assert_eq!(missed, ["on its way", "rooms", "not excepted", "to it"]);
    assert_eq!(rooms.rooms_of("/chat", client.id.key()), ["in", "late"]);
    // Once.
    assert_eq!(client.back(&rooms, Some(&offset), now()), None);
    // And again when it has broken again.
    client.leave(&rooms, now());
    assert_eq!(client.back(&rooms, None, now()).unwrap()[..2], ["got", "on its way"]);
}

#[test]
fn an_offset_is_taken_for_what_it_is() {
    type Offset = fn(u64) -> String;
    let got: &[&str] = &["a", "b"];
    let cases: [(Offset, Option<&[&str]>); 9] = [
        // Of what was sent before the connection began: a client keeps that.
        (|first| format!("{:x}", first - 1), Some(got)),
        (|first| format!("{first:x}"), Some(&["b"])),
        (|first| format!("{:x}", first + 1), Some(&[])),
        (|first| format!("{:x}", first + 2), None),
        (|first| format!("0{first:x}"), None),
        (|first| format!("+{first:x}"), None),
        (|_| "0".to_owned(), None),
        (|_| "hello".to_owned(), None),
        (|_| String::new(), None),
    ];
    for (offset, missed) in cases {
        let rooms = with(Recovery::default());
        let _earlier = Client::come(&rooms);
        rooms.broadcast(to(&[], &[]), text("to an earlier connection"), false);
        let client = Client::come(&rooms);
        let first = rooms.last() + 1;
        rooms.broadcast(to(&[], &[]), text("a"), false);
        rooms.broadcast(to(&[], &[]), text("b"), false);
        client.leave(&rooms, now());
        let offset = offset(first);
        let back = client.back(&rooms, Some(&offset), now());
        assert_eq!(back, missed.map(|missed| missed.iter().map(ToString::to_string).collect()));
        assert_eq!(client.back(&rooms, None, now()), None, "{offset} was the one try");
    }
}

#[test]
fn who_is_away_too_long_does_not_come_back() {
    for (away, is_back) in [(120, true), (121, false)] {
        let rooms = with(Recovery::default());
        let client = Client::come(&rooms);
        let left = now();
        client.leave(&rooms, left);
        let back = client.back(&rooms, None, left + Duration::from_secs(away));
        assert_eq!(back.is_some(), is_back, "{away} s");
    }
}

#[test]
fn who_missed_what_the_log_had_no_room_for_does_not_come_back() {
    for (sent, is_back) in [(10, true), (1000, false)] {
        let rooms = with(Recovery::default().log_bytes(8192));
        let client = Client::come(&rooms);
        client.leave(&rooms, now());
        for _ in 0..sent {
            rooms.broadcast(to(&["other"], &[]), text("a"), false);
        }
        assert_eq!(client.back(&rooms, None, now()).is_some(), is_back, "{sent} sent");
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_client_has_got_long_ago_need_not_be_in_the_log() {
    let rooms = with(Recovery::default().log_bytes(8192));
    let client = Client::come(&rooms);
    for _ in 0..1000 {
        rooms.broadcast(to(&[], &[]), text("a"), false);
    }
    tokio::time::advance(UNNOTICED + Duration::from_secs(1)).await;
    client.leave(&rooms, now());
    let offset = last(&rooms);
    rooms.broadcast(to(&[], &[]), text("b"), false);
    assert_eq!(client.back(&rooms, Some(&offset), now()).unwrap(), ["b"]);
}

#[test]
fn a_connection_for_one_address_comes_back_from_there_alone() {
    let [here, there] = [1, 2].map(|last| Some(IpAddr::from([127, 0, 0, last])));
    for (from, is_back) in [(here, true), (there, false), (None, false)] {
        let rooms = with(Recovery::default());
        let pinned = |to| Mailbox::new(SessionId::random().unwrap(), Wire::Engine4, to, usize::MAX);
        let client = Client::come_on(&rooms, pinned(here));
        client.leave(&rooms, now());
        let claim = Claim { id: client.recovery, offset: None };
        let back = rooms.bring_back("/chat", &claim, pinned(from), now());
        assert_eq!(back.is_some(), is_back, "{from:?}");
    }
}

#[test]
fn no_more_than_so_many_can_be_away() {
    let rooms = with(Recovery::default().connections(1));
    let [first, second] = [(); 2].map(|()| Client::come(&rooms));
    first.leave(&rooms, now());
    second.leave(&rooms, now());
    assert!(second.back(&rooms, None, now()).is_none());
    assert!(first.back(&rooms, None, now()).is_some());
    // Its place is free again.
    first.leave(&rooms, now());
    assert!(first.back(&rooms, None, now()).is_some());
}

#[test]
fn a_connection_comes_back_to_its_own_endpoint_alone() {
    let rooms = with(Recovery::default());
    let client = Client::come(&rooms);
    rooms.add(&named("/side"), SocketKey::random().unwrap(), mailbox());
    client.leave(&rooms, now());
    let claim = Claim { id: client.recovery, offset: None };
    assert!(rooms.bring_back("/side", &claim, mailbox(), now()).is_none());
    assert!(client.back(&rooms, None, now()).is_some());
}
