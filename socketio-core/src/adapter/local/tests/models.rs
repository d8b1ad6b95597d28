//! Models: connections that come and go while others look for what is too old, in every order.

use super::*;
use crate::sync::models::{check, spawn};

/// One client, and somebody who is about to look for what is too old once more. Whatever happens meanwhile, what is kept then
/// is looked for again.
fn check_swept(meanwhile: fn(&Local, &Client)) {
    check(None, move || {
        let rooms = with(Recovery::default());
        let client = Client::come(&rooms);
        let journal = Arc::clone(rooms.journal.as_ref().unwrap());
        journal.is_swept.store(true, Ordering::SeqCst);
        let (shared, swept) = (Arc::clone(&rooms.shared), Arc::clone(&journal));
        let sweeper = spawn(move || {
            shared.sweep(&swept, now());
            swept.ends_sweeping()
        });
        meanwhile(&rooms, &client);
        sweeper.join().unwrap();
        assert!(!journal.is_empty() && journal.is_swept.load(Ordering::SeqCst));
    });
}

#[test]
fn what_is_sent_to_many_is_not_kept_for_good() {
    check_swept(|rooms, _| send(rooms, to(&[], &[]), "text"));
}

#[test]
fn what_is_sent_to_one_is_not_kept_for_good() {
    check_swept(|rooms, client| {
        let member = Member {
            socket: client.id.key(),
            mailbox: &client.mailbox,
            recovery: Some(client.recovery),
            is_closed: false,
        };
        let emission = Emission::new(named("/chat"), EmissionBody::Text("text".into()));
        assert_eq!(rooms.emit(&member, emission, false), Ok(()));
    });
}

#[test]
fn who_leaves_is_not_kept_for_good() {
    check_swept(|rooms, client| client.leave(rooms, now()));
}

#[test]
fn one_who_comes_while_the_last_leaves_is_there() {
    check(None, || {
        let rooms = Local::new(None, usize::MAX);
        let last = Client::come(&rooms);
        let others = rooms.clone();
        let goes = spawn(move || last.go(&others));
        let client = Client::come(&rooms);
        goes.join().unwrap();
        assert!(rooms.find("/chat", &client.id).is_some());
        client.go(&rooms);
        assert!(read(&rooms.shared.endpoints).is_empty());
    });
}

#[test]
fn one_who_comes_back_while_its_time_is_up_is_there_or_forgotten() {
    check(None, || {
        let rooms = with(Recovery::default());
        let client = Client::come(&rooms);
        client.join(&rooms, "lobby");
        client.leave(&rooms, now());
        let others = rooms.clone();
        let late = now() + Duration::from_secs(600);
        let sweeper = spawn(move || {
            others.shared.sweep(others.journal.as_ref().unwrap(), late);
        });
        let is_back = client.bring_back(&rooms, None, now()).is_some();
        sweeper.join().unwrap();
        assert_eq!(rooms.has_room("/chat", "lobby"), is_back);
        assert_eq!(client.attach(&rooms), is_back);
        client.go(&rooms);
        assert!(is_bare(&rooms));
        assert!(read(&rooms.shared.endpoints).is_empty());
    });
}
