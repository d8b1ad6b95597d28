//! Endpoints that come and go, and connections that come back, on a virtual clock.

#[cfg(loom)]
mod models;

use std::net::IpAddr;

use super::*;
use crate::adapter::{Claim, EmissionBody, RemoteSocket, Returned};
use crate::driver::{Command, Wire};
use crate::id::{SessionId, SocketId};
use crate::stats::Counters;
use crate::sync::atomic::Ordering;

const UNNOTICED: Duration = Duration::from_secs(45);

/// A room's name, or an endpoint's.
fn named(name: &'static str) -> ByteString {
    ByteString::from_static(name)
}

fn mailbox() -> Mailbox {
    mailbox_of(None)
}

fn mailbox_of(pinned_to: Option<IpAddr>) -> Mailbox {
    let counters = Arc::new(Counters::new(&[], &[], &[], now()));
    Mailbox::new(SessionId::random().unwrap(), Wire::Engine4, pinned_to, usize::MAX, counters)
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

/// Takes a connection in, and gives it.
fn come(rooms: &Local, endpoint: &ByteString, mailbox: Mailbox) -> Arc<Nobody> {
    let nobody = Arc::new(Nobody(SocketId::random().unwrap()));
    rooms.add(endpoint, mailbox, Arc::clone(&nobody) as _);
    nobody
}

/// One client at the endpoint `/chat`.
struct Client {
    id: SocketId,
    occupant: Arc<Nobody>,
    recovery: RecoveryId,
    mailbox: Mailbox,
}

impl Client {
    fn come(rooms: &Local) -> Self {
        Self::come_on(rooms, mailbox())
    }

    fn come_on(rooms: &Local, mailbox: Mailbox) -> Self {
        let occupant = come(rooms, &named("/chat"), mailbox.clone());
        let (id, recovery) = (occupant.id(), RecoveryId::random().unwrap());
        Self { id, occupant, recovery, mailbox }
    }

    fn join(&self, rooms: &Local, room: &'static str) {
        rooms.join(&named("/chat"), &*self.occupant, &named(room));
    }

    fn leave(&self, rooms: &Local, now: Instant) {
        let kept = Kept { id: self.id.clone(), extensions: Arc::default() };
        rooms.remove(&named("/chat"), &*self.occupant, Some((self.recovery, kept)), now);
    }

    /// Leaves for good.
    fn go(&self, rooms: &Local) {
        rooms.remove(&named("/chat"), &*self.occupant, None, now());
    }

    /// Comes back, but for being let in.
    fn bring_back(&self, rooms: &Local, offset: Option<&str>, now: Instant) -> Option<Returned> {
        let claim = Claim { id: self.recovery, offset: offset.map(Into::into) };
        rooms.bring_back(&named("/chat"), &claim, mailbox(), now, |_| true)
    }

    fn attach(&self, rooms: &Local) -> bool {
        rooms.attach("/chat", Arc::clone(&self.occupant) as _)
    }

    /// Comes back, and gives the texts that it missed behind the one at `offset`.
    fn back(&self, rooms: &Local, offset: Option<&str>, now: Instant) -> Option<Vec<String>> {
        let returned = self.bring_back(rooms, offset, now)?;
        assert_eq!(returned.kept.id, self.id);
        assert!(self.attach(rooms));
        let text = |emission: &Arc<Emission>| match emission.body() {
            EmissionBody::Text(text) => text.to_string(),
            body => panic!("{body:?}"),
        };
        Some(returned.missed.iter().map(text).collect())
    }
}

fn to(rooms: &[&'static str], except: &[&'static str]) -> Selection {
    let names = |names: &[&'static str]| names.iter().map(|name| named(name)).collect();
    let rooms = (!rooms.is_empty()).then(|| names(rooms));
    let except = names(except);
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
    Local::new(Some((recovery, UNNOTICED)), usize::MAX)
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
    let rooms = Local::new(None, usize::MAX);
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
    send(&rooms, Selection { rooms: Some(itself()), ..to(&[], &[]) }, "by its name");
    send(&rooms, Selection { except: itself(), ..to(&["in"], &[]) }, "excepted by its name");
    for (to, is_closed, said) in [(&client, true, "to it"), (&other, false, "to another")] {
        let Client { id, recovery, mailbox, .. } = to;
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
        let client = Client::come_on(&rooms, mailbox_of(here));
        client.leave(&rooms, now());
        let claim = Claim { id: client.recovery, offset: None };
        let back = rooms.bring_back(&named("/chat"), &claim, mailbox_of(from), now(), |_| true);
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
    assert!(rooms.bring_back(&named("/side"), &claim, mailbox(), now(), |_| true).is_none());
    assert!(client.back(&rooms, None, now()).is_some());
}

/// What is left of everybody.
fn is_bare(rooms: &Local) -> bool {
    let nobody_is_away = rooms.journal.as_ref().is_none_or(|journal| journal.nobody_is_away());
    nobody_is_away && read(&rooms.shared.endpoints).values().all(|members| read(members).is_bare())
}

/// The names of the rooms that were opened and closed.
fn told(changes: &mut mpsc::UnboundedReceiver<Change>) -> Vec<String> {
    let mut told = Vec::new();
    while let Ok(change) = changes.try_recv() {
        let (sign, room) = match change {
            Change::Opened { room, .. } => ('+', room),
            Change::Closed { room, .. } => ('-', room),
        };
        told.push(format!("{sign}{}", room.unwrap_or_default()));
    }
    told
}

#[test]
fn an_empty_list_of_rooms_is_nobody_present_or_away() {
    let rooms = with(Recovery::default());
    let [client, away] = [(); 2].map(|()| Client::come(&rooms));
    away.leave(&rooms, now());
    let nobody = || Selection { rooms: Some(Vec::new()), ..to(&[], &[]) };
    send(&rooms, nobody(), "never");
    rooms.act(Action::Join { to: nobody(), rooms: vec![named("never")] });
    rooms.act(Action::Disconnect { to: nobody(), session: true });
    assert_eq!(rooms.rooms_of("/chat", &client.id), [client.id.to_string()]);
    assert_eq!(away.back(&rooms, None, now()), Some(Vec::new()));
    assert!(!rooms.has_room("/chat", "never"));
}

#[test]
fn a_room_is_open_while_somebody_is_away_who_may_come_back_to_it() {
    type End = fn(&Local, &Client);
    let cases: [(&str, End, &[&str]); 4] = [
        ("comes back", |rooms, client| assert!(client.back(rooms, None, now()).is_some()), &[]),
        (
            "comes too late",
            |rooms, client| {
                let late = now() + Duration::from_secs(121);
                assert!(client.back(rooms, None, late).is_none());
            },
            &["-lobby", "-"],
        ),
        ("gives way", |rooms, _| Client::come(rooms).leave(rooms, now()), &["-lobby"]),
        (
            "is put out",
            |rooms, _| rooms.act(Action::Disconnect { to: to(&[], &[]), session: false }),
            &["-lobby", "-"],
        ),
    ];
    for (case, end, expected) in cases {
        let rooms = with(Recovery::default().connections(1));
        let mut changes = rooms.changes().unwrap();
        let client = Client::come(&rooms);
        client.join(&rooms, "lobby");
        client.leave(&rooms, now());
        assert_eq!(told(&mut changes), ["+", "+lobby"]);
        assert!(rooms.has_room("/chat", "lobby"), "{case}");
        assert!(rooms.has_room("/chat", &client.id.to_string()), "{case}");
        end(&rooms, &client);
        assert_eq!(told(&mut changes), expected, "{case}");
        assert_eq!(rooms.has_room("/chat", "lobby"), expected.is_empty(), "{case}");
    }
}

#[test]
fn one_who_has_come_back_and_is_not_let_in_yet_goes_by_its_name() {
    let rooms = with(Recovery::default());
    let client = Client::come(&rooms);
    client.join(&rooms, "lobby");
    client.leave(&rooms, now());
    let returned = mailbox();
    let claim = Claim { id: client.recovery, offset: None };
    rooms.bring_back(&named("/chat"), &claim, returned.clone(), now(), |_| true).unwrap();
    let itself = || vec![client.id.to_string().into()];
    send(&rooms, Selection { rooms: Some(itself()), ..to(&[], &[]) }, "to it");
    send(&rooms, Selection { except: itself(), ..to(&["lobby"], &[]) }, "not to it");
    let waker = std::task::Waker::noop();
    let got = returned.take(&std::task::Context::from_waker(waker));
    assert_eq!(got.len(), 1);
    assert!(client.attach(&rooms));
    client.go(&rooms);
    assert!(is_bare(&rooms));
}

#[test]
fn one_who_is_put_out_while_it_is_away_or_coming_back_does_not_come_back() {
    for session in [false, true] {
        let put_out = |rooms: &Local| {
            rooms.act(Action::Disconnect { to: to(&["lobby"], &["spared"]), session });
        };
        let rooms = with(Recovery::default());
        let [first, spared, returning] = [(); 3].map(|()| Client::come(&rooms));
        let side = come(&rooms, &named("/side"), first.mailbox.clone());
        let kept = Kept { id: side.id(), extensions: Arc::default() };
        let recovery = RecoveryId::random().unwrap();
        rooms.remove(&named("/side"), &*side, Some((recovery, kept)), now());
        for client in [&first, &spared, &returning] {
            client.join(&rooms, "lobby");
        }
        spared.join(&rooms, "spared");
        for client in [&first, &spared, &returning] {
            client.leave(&rooms, now());
        }
        assert!(returning.bring_back(&rooms, None, now()).is_some());
        put_out(&rooms);
        assert!(first.back(&rooms, None, now()).is_none());
        assert!(!returning.attach(&rooms));
        assert!(spared.back(&rooms, None, now()).is_some());
        let claim = Claim { id: recovery, offset: None };
        let back = rooms.bring_back(&named("/side"), &claim, mailbox(), now(), |_| true);
        assert_eq!(back.is_none(), session, "all connections of the client");
        assert!(rooms.has_room("/chat", "lobby"));
    }
}

#[test]
fn one_who_is_moved_while_it_is_away_comes_back_to_where_it_belongs() {
    let rooms = with(Recovery::default());
    let client = Client::come(&rooms);
    client.join(&rooms, "old");
    client.leave(&rooms, now());
    let itself = || Selection { rooms: Some(vec![client.id.to_string().into()]), ..to(&[], &[]) };
    send(&rooms, to(&["new"], &[]), "before it entered");
    rooms.act(Action::Join { to: itself(), rooms: vec![named("new")] });
    rooms.act(Action::Leave { to: to(&["new"], &[]), rooms: vec![named("old")] });
    rooms.act(Action::Join { to: to(&["old"], &[]), rooms: vec![named("never")] });
    send(&rooms, to(&["old"], &[]), "to the room it has left");
    send(&rooms, to(&["new"], &[]), "to the room it is in");
    assert_eq!(client.back(&rooms, None, now()).unwrap(), ["to the room it is in"]);
    let mut expected = vec![client.id.to_string(), "new".to_owned()];
    expected.sort_unstable();
    assert_eq!(rooms.rooms_of("/chat", &client.id), expected);
}

#[test]
fn one_that_leaves_late_takes_nobody_out_who_has_its_name() {
    let rooms = Local::new(None, usize::MAX);
    let old = Client::come(&rooms);
    old.join(&rooms, "old");
    // A client that computes its ids connects again before its connection has ended.
    let new = Arc::new(Nobody(old.id.clone()));
    rooms.add(&named("/chat"), mailbox(), Arc::clone(&new) as _);
    assert!(!rooms.has_room("/chat", "old"));
    old.join(&rooms, "late");
    old.go(&rooms);
    assert_eq!(rooms.rooms_of("/chat", &old.id), [old.id.to_string()]);
    rooms.remove(&named("/chat"), &*new, None, now());
    assert!(is_bare(&rooms));
}

#[test]
fn many_who_come_and_go_and_break_and_come_back_at_once_leave_nothing_behind() {
    const CLIENTS: usize = 8;
    const ROUNDS: usize = 300;
    let rooms = with(Recovery::default().connections(CLIENTS / 2));
    let start = std::sync::Barrier::new(CLIENTS + 1);
    let is_over = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|threads| {
        let (rooms, start, is_over) = (&rooms, &start, &is_over);
        let clients: Vec<_> = (0..CLIENTS)
            .map(|number| threads.spawn(move || live(rooms, start, number, ROUNDS)))
            .collect();
        threads.spawn(move || {
            start.wait();
            for number in 0.. {
                if is_over.load(Ordering::SeqCst) {
                    return;
                }
                send(rooms, to(&["lobby"], &[]), &number.to_string());
                let (to, names) = (to(&["a"], &["b"]), vec![named("b")]);
                match number % 3 {
                    0 => rooms.act(Action::Join { to, rooms: names }),
                    1 => rooms.act(Action::Leave { to, rooms: names }),
                    _ => rooms.put_out(&to, number % 2 == 0),
                }
            }
        });
        for client in clients {
            client.join().unwrap();
        }
        is_over.store(true, Ordering::SeqCst);
    });
    // Who is away and nobody has come back for gives way in time.
    rooms.shared.sweep(rooms.journal.as_ref().unwrap(), now() + Duration::from_secs(600));
    assert!(is_bare(&rooms));
    assert!(read(&rooms.shared.endpoints).is_empty());
}

/// A client's life: what it gets of a numbered stream has to be in order, each once, whatever connection brings it.
fn live(rooms: &Local, start: &std::sync::Barrier, number: usize, rounds: usize) {
    start.wait();
    for round in 0..rounds {
        let mut client = Client::come(rooms);
        let mut got = Vec::new();
        client.join(rooms, "lobby");
        client.join(rooms, ["a", "b"][number % 2]);
        if round % 3 == 0 {
            client.take(&mut got);
            client.go(rooms);
            continue;
        }
        client.leave(rooms, now());
        client.take(&mut got);
        let returned = mailbox();
        let offset = got.last().map(|last| format!("{last:x}"));
        let claim = Claim { id: client.recovery, offset };
        let good = |_: &Kept| round % 7 != 0;
        let back = rooms.bring_back(&named("/chat"), &claim, returned.clone(), now(), good);
        if let Some(Returned { missed, .. }) = back {
            got.extend(missed.iter().filter_map(|emission| emission.offset()));
            client.mailbox = returned;
            if round % 5 == 0 || !client.attach(rooms) {
                client.take(&mut got);
            }
            client.go(rooms);
        }
        assert!(got.is_sorted_by(|one, next| one < next), "{got:?}");
    }
}

impl Client {
    /// Takes what is in its mailbox, by the numbers.
    fn take(&self, got: &mut Vec<u64>) {
        let cx = std::task::Context::from_waker(std::task::Waker::noop());
        for command in self.mailbox.take(&cx) {
            if let Command::Emit { emission, .. } = command {
                got.extend(emission.offset());
            }
        }
    }
}
