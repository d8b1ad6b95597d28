//! Endpoints that come and go, and connections that come back, on a virtual clock.

use std::net::IpAddr;
use std::sync::atomic::Ordering;

use super::*;
use crate::adapter::{Claim, EmissionBody};
use crate::driver::Wire;
use crate::id::{SessionId, SocketId};

const UNNOTICED: Duration = Duration::from_secs(45);

/// A room's name, or an endpoint's.
fn named(name: &'static str) -> ByteString {
    ByteString::from_static(name)
}

fn mailbox() -> Mailbox {
    Mailbox::new(SessionId::random().unwrap(), Wire::Engine4, None, usize::MAX)
}

/// Those above, of whom nothing is asked here but the name.
struct Nobody(SocketId);

impl Occupant for Nobody {
    fn id(&self) -> SocketId {
        self.0.clone()
    }

    fn describe(&self) -> RemoteSocket {
        RemoteSocket::new(self.id())
    }

    fn close(self: Arc<Self>, _: bool) {}
}

/// Takes a connection in, and gives its id.
fn come(rooms: &Local, endpoint: &ByteString, mailbox: Mailbox) -> SocketId {
    let id = SocketId::random().unwrap();
    rooms.add(endpoint, id.key(), mailbox, Arc::new(Nobody(id.clone())));
    id
}

/// One client at the endpoint `/chat`.
struct Client {
    id: SocketId,
    recovery: RecoveryId,
    mailbox: Mailbox,
}

impl Client {
    fn come(rooms: &Local) -> Self {
        Self::come_on(rooms, mailbox())
    }

    fn come_on(rooms: &Local, mailbox: Mailbox) -> Self {
        let id = come(rooms, &named("/chat"), mailbox.clone());
        Self { id, recovery: RecoveryId::random().unwrap(), mailbox }
    }

    fn join(&self, rooms: &Local, room: &'static str) {
        rooms.join(&named("/chat"), self.id.key(), &named(room));
    }

    fn leave(&self, rooms: &Local, now: Instant) {
        let kept = Kept { id: self.id.clone(), extensions: Arc::default() };
        rooms.remove(&named("/chat"), self.id.key(), Some((self.recovery, kept)), now);
    }

    /// Leaves for good.
    fn go(&self, rooms: &Local) {
        rooms.remove(&named("/chat"), self.id.key(), None, now());
    }

    /// Comes back, and gives the texts that it missed behind the one at `offset`.
    fn back(&self, rooms: &Local, offset: Option<&str>, now: Instant) -> Option<Vec<String>> {
        let claim = Claim { id: self.recovery, offset: offset.map(Into::into) };
        let returned = rooms.bring_back(&named("/chat"), &claim, mailbox(), now)?;
        assert_eq!(returned.kept.id, self.id);
        rooms.attach("/chat", self.id.key(), Arc::new(Nobody(self.id.clone())));
        let text = |emission: &Arc<Emission>| match emission.body() {
            EmissionBody::Text(text) => text.to_string(),
            body => panic!("{body:?}"),
        };
        Some(returned.missed.iter().map(text).collect())
    }
}

fn to(rooms: &[&'static str], except: &[&'static str]) -> Selection {
    let names = |names: &[&'static str]| names.iter().map(|name| named(name)).collect();
    let (rooms, except) = (names(rooms), names(except));
    Selection { endpoint: named("/chat"), rooms, except, ..Selection::default() }
}

fn send(rooms: &Local, to: Selection, text: &str) {
    let broadcast = Broadcast::new(to, EmissionBody::Text(text.into()));
    rooms.act(Action::Broadcast(broadcast));
}

/// The offset of the last emission.
fn last(rooms: &Local) -> String {
    format!("{:x}", rooms.last())
}

fn with(recovery: Recovery) -> Local {
    Local::new(Some((recovery, UNNOTICED)))
}

fn now() -> Instant {
    tokio::time::Instant::now().into_std()
}

#[test]
fn a_connection_in_no_room_costs_five_words_here() {
    assert!(size_of::<Present>() <= 5 * size_of::<u64>());
}

#[test]
fn an_endpoint_that_all_have_left_is_forgotten() {
    let rooms = Local::new(None);
    let [first, second] = [(); 2].map(|()| Client::come(&rooms));
    for client in [&first, &second] {
        client.join(&rooms, "lobby");
    }
    first.go(&rooms);
    assert_eq!(rooms.rooms_of("/chat", &second.id).len(), 2);
    second.go(&rooms);
    assert!(read(&rooms.shared.endpoints).is_empty());
    let third = Client::come(&rooms);
    assert_eq!(rooms.rooms_of("/chat", &third.id), [third.id.to_string()]);
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_is_forgotten_when_nobody_can_come_back_to_it() {
    let rooms = with(Recovery::default());
    let client = Client::come(&rooms);
    client.leave(&rooms, now());
    tokio::time::advance(Duration::from_secs(119)).await;
    tokio::task::yield_now().await;
    assert_eq!(read(&rooms.shared.endpoints).len(), 1);
    while !read(&rooms.shared.endpoints).is_empty() {
        // The clock moves when nothing else can.
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    let journal = rooms.journal.as_ref().unwrap();
    assert!(journal.is_empty());
    assert!(!journal.is_swept.load(Ordering::SeqCst));
}

#[test]
fn one_who_comes_back_gets_what_was_for_it_and_nothing_else() {
    let rooms = with(Recovery::default());
    let [client, other] = [(); 2].map(|()| Client::come(&rooms));
    client.join(&rooms, "in");
    send(&rooms, to(&["late"], &[]), "before it entered");
    client.join(&rooms, "late");
    send(&rooms, to(&[], &[]), "got");
    let offset = last(&rooms);
    send(&rooms, to(&[], &[]), "on its way");
    client.leave(&rooms, now());
    send(&rooms, to(&["in", "late"], &[]), "rooms");
    send(&rooms, to(&["other"], &[]), "another room");
    send(&rooms, to(&[], &["late"]), "excepted");
    send(&rooms, to(&[], &["other"]), "not excepted");
    let volatile = Broadcast::new(to(&[], &[]), EmissionBody::Text("volatile".into()));
    rooms.act(Action::Broadcast(Broadcast { volatile: true, ..volatile }));
    send(&rooms, Selection { sender: Some(client.id.clone()), ..to(&[], &[]) }, "its own");
    let itself = || vec![client.id.to_string().into()];
    send(&rooms, Selection { rooms: itself(), ..to(&[], &[]) }, "by its name");
    send(&rooms, Selection { except: itself(), ..to(&["in"], &[]) }, "excepted by its name");
    for (to, is_closed, said) in [(&client, true, "to it"), (&other, false, "to another")] {
        let Client { id, recovery, mailbox } = to;
        let recovery = Some(*recovery);
        let member = Member { socket: id.key(), mailbox, recovery, is_closed };
        let emission = Emission::new(named("/chat"), EmissionBody::Text(said.into()));
        assert_eq!(rooms.emit(&member, emission, false), Ok(()));
    }
    let missed = client.back(&rooms, Some(&offset), now()).unwrap();
    assert_eq!(missed, ["on its way", "rooms", "not excepted", "by its name", "to it"]);
    for room in ["in", "late"] {
        assert!(rooms.rooms_of("/chat", &client.id).contains(&room.to_owned()));
    }
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
        send(&rooms, to(&[], &[]), "to an earlier connection");
        let client = Client::come(&rooms);
        let first = rooms.last() + 1;
        send(&rooms, to(&[], &[]), "a");
        send(&rooms, to(&[], &[]), "b");
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
            send(&rooms, to(&["other"], &[]), "a");
        }
        assert_eq!(client.back(&rooms, None, now()).is_some(), is_back, "{sent} sent");
    }
}

#[tokio::test(start_paused = true)]
async fn what_a_client_has_got_long_ago_need_not_be_in_the_log() {
    let rooms = with(Recovery::default().log_bytes(8192));
    let client = Client::come(&rooms);
    for _ in 0..1000 {
        send(&rooms, to(&[], &[]), "a");
    }
    tokio::time::advance(UNNOTICED + Duration::from_secs(1)).await;
    client.leave(&rooms, now());
    let offset = last(&rooms);
    send(&rooms, to(&[], &[]), "b");
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
        let back = rooms.bring_back(&named("/chat"), &claim, pinned(from), now());
        assert_eq!(back.is_some(), is_back, "{from:?}");
    }
}

#[test]
fn who_left_first_gives_way_to_those_who_leave_later() {
    let rooms = with(Recovery::default().connections(2));
    let [first, second, third] = [(); 3].map(|()| Client::come(&rooms));
    first.leave(&rooms, now());
    second.leave(&rooms, now());
    assert!(first.back(&rooms, None, now()).is_some());
    // It is the last now to have left.
    first.leave(&rooms, now());
    third.leave(&rooms, now());
    assert!(second.back(&rooms, None, now()).is_none());
    assert!(first.back(&rooms, None, now()).is_some());
    assert!(third.back(&rooms, None, now()).is_some());
    let nobody = with(Recovery::default().connections(0));
    let client = Client::come(&nobody);
    client.leave(&nobody, now());
    assert!(read(&nobody.shared.endpoints).is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_nobody_can_have_missed_any_more_is_not_kept_though_nothing_is_sent() {
    let rooms = with(Recovery::default());
    let _client = Client::come(&rooms);
    send(&rooms, to(&[], &[]), "old");
    let journal = rooms.journal.as_ref().unwrap();
    assert!(!journal.is_empty());
    while !journal.is_empty() || journal.is_swept.load(Ordering::SeqCst) {
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    // Once more.
    send(&rooms, to(&[], &[]), "new");
    assert!(journal.is_swept.load(Ordering::SeqCst));
}

#[test]
fn a_connection_comes_back_to_its_own_endpoint_alone() {
    let rooms = with(Recovery::default());
    let client = Client::come(&rooms);
    come(&rooms, &named("/side"), mailbox());
    client.leave(&rooms, now());
    let claim = Claim { id: client.recovery, offset: None };
    assert!(rooms.bring_back(&named("/side"), &claim, mailbox(), now()).is_none());
    assert!(client.back(&rooms, None, now()).is_some());
}
