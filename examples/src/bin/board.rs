//! A shared whiteboard: draw together, see each other's pens, take back what was yours.
//!
//! `cargo run --bin board` prints the address to open; `/?board=plans` there is another board. Whoever has a board's
//! key draws, all others look on. The page, `pages/board.html`, is the other half of the events below, which `/api`
//! shows to who would write another.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use socketio_core::{Recovery, SocketIo, contract, prelude::*};
use socketio_examples::Options;
use subtle::ConstantTimeEq as _;
use tokio::time::Instant;

const SIZE: (u16, u16) = (1600, 1200); // of every board, whatever it measures on a screen
const INKS: u8 = 9; // the last one wipes
const WIDTHS: u8 = 3;
const LINE_MAX: usize = 2_000; // numbers, two for each point
const STROKES_MAX: usize = 1_000; // on a board; past this, or the next, the oldest fade
const NUMBERS_MAX: usize = 100_000; // on a board
const BOARDS_MAX: usize = 200;
const NAME_MAX: usize = 40; // characters of a board's name, and of its key
const MESSAGE_MAX: usize = 32 * 1024; // bytes, more than the longest line

/// How long an empty board is kept at least: longer than one who left may come back by `Recovery`.
const KEPT: Duration = Duration::from_secs(180);

/// Who is on a board; there are no more places.
const PEOPLE: [&str; 24] = [
    "Otter", "Heron", "Fox", "Lynx", "Robin", "Badger", "Wren", "Hare", "Newt", "Owl", "Seal",
    "Crane", "Mole", "Stoat", "Swift", "Toad", "Bee", "Elk", "Finch", "Ibis", "Koi", "Moth",
    "Puffin", "Vole",
];

/// The server's state: all boards by their names.
#[derive(Clone, Default)]
struct App(Arc<Mutex<HashMap<String, Sheet>>>);

/// A board, shared by those who are on it.
type Sheet = Arc<Mutex<Board>>;

struct Board {
    /// Of who showed one first.
    key: Option<String>,
    people: BTreeMap<usize, Person>,
    strokes: VecDeque<Stroke>,
    /// In all strokes.
    numbers: usize,
    next: u64,
    /// When the last one left.
    left: Instant,
}

/// Who is on the board.
#[derive(Clone, Copy, Serialize, JsonSchema)]
struct Person {
    /// Whose name and colour nobody else on it has.
    place: usize,
    name: &'static str,
    draws: bool,
}

/// A stroke on the board.
#[derive(Serialize, JsonSchema)]
struct Stroke {
    /// Larger than those of all strokes below it.
    id: u64,
    /// The page's own name for it, by which a stroke that is sent again is known.
    mark: u64,
    place: usize,
    #[serde(skip)]
    by: SocketId,
    line: Line,
}

/// A stroke as it is drawn.
#[derive(Serialize, Deserialize, JsonSchema)]
struct Line {
    /// Which colour; the last one wipes.
    ink: u8,
    /// Fine, medium or broad.
    width: u8,
    /// `x, y, x, y …`
    points: Vec<u16>,
}

impl Validate for Line {
    fn validate(&self) -> Result<(), Invalid> {
        let is_on_board = |point: &[u16]| matches!(point, [x, y] if *x <= SIZE.0 && *y <= SIZE.1);
        if self.ink >= INKS {
            Err(Invalid::at("ink", "there is no such ink"))
        } else if self.width >= WIDTHS {
            Err(Invalid::at("width", "there is no such width"))
        } else if self.points.is_empty() || self.points.len() > LINE_MAX {
            Err(Invalid::at("points", "no points, or too many"))
        } else if !self.points.chunks(2).all(is_on_board) {
            Err(Invalid::at("points", "beside the board"))
        } else {
            Ok(())
        }
    }
}

/// What a page says of itself when it connects.
#[derive(Deserialize)]
struct Ticket {
    board: String,
    #[serde(default)]
    key: String,
}

/// What a page shows.
#[client_events]
trait BoardClient {
    /// Who it is itself.
    fn you(who: Person);
    /// Who is here now.
    fn people(all: &[Person]);
    fn stroke(stroke: &Stroke);
    fn undone(id: u64);
    /// All strokes below this one are gone.
    fn faded(oldest: u64);
    /// Where somebody's pen has been; it is away without a line.
    fn pen(place: usize, down: bool, line: Option<Line>);
}

type Socket = socketio_core::Socket<dyn BoardClient>;

/// Lets those draw who came with the board's key.
#[guard]
fn may_draw(Extension(me): Extension<Person>) -> Result<(), Reject> {
    let draws = me.is_some_and(|me| me.draws);
    draws.then_some(()).ok_or(Reject::unauthorized("only those with the key draw here"))
}

/// One connection.
struct Artist {
    room: String,
    sheet: Sheet,
    me: Person,
}

#[socket_connection(client = BoardClient, strict)]
impl Artist {
    /// Also called for those who come back, who have their id, rooms and extensions by then.
    #[on_open]
    fn open(
        socket: &Socket,
        Auth(ticket): Auth<Ticket>,
        State(app): State<App>,
        Extension(before): Extension<Person>,
    ) -> Result<Self, Reject> {
        // Held until the board is no longer empty, so that it is not forgotten meanwhile.
        let mut boards = lock(&app.0);
        let sheet = Arc::clone(find(&mut boards, &ticket.board)?);
        let mut board = lock(&sheet);
        let draws = board.is_opened_by(ticket.key);
        let me = board.place(before, draws).ok_or(Reject::error("this board is full"))?;
        socket.insert_extension(me);
        socket.join(&ticket.board);
        socket.client().you(me)?;
        board.people.insert(me.place, me);
        board.show_people(socket, &ticket.board)?;
        drop(board);
        Ok(Self { room: ticket.board, sheet, me })
    }

    /// `socket.emit('load', board => …)`, as an answer and not as an event: those are kept for who may
    /// come back, and a whole board would leave little room for others.
    #[event]
    #[throttle(5, per = "10s")]
    fn load(&self, answer: AckSender) {
        // Under the lock, so it has its place among the strokes that others send: sending never waits.
        let board = lock(&self.sheet);
        let _left =
            answer.send(kwargs! { size: SIZE, line_max: LINE_MAX, strokes: &board.strokes });
    }

    /// `socket.emit('stroke', 123, {ink: 0, width: 1, points: [0, 0, 9, 9]}, id => …)`
    #[event]
    #[guard(may_draw)]
    #[throttle(100, per = "10s")]
    fn stroke(&self, socket: &Socket, mark: u64, line: Line) -> Result<u64, EmitError> {
        let mut board = lock(&self.sheet);
        // Sent before, by a page that did not get the answer.
        if let Some(stroke) = board.strokes.iter().find(|stroke| stroke.mark == mark) {
            return Ok(stroke.id);
        }
        let id = board.next;
        let stroke = Stroke { id, mark, place: self.me.place, by: socket.id(), line };
        socket.to(&self.room).client().stroke(&stroke)?;
        if let Some(oldest) = board.add(stroke) {
            socket.server().to(&self.room).client().faded(oldest)?;
        }
        Ok(id)
    }

    /// Takes back the last stroke that came over this connection: `socket.emit('undo', done => …)`. All are
    /// told, and so is who asked for it: an answer can be lost with a connection, an event comes after it.
    #[event]
    #[guard(may_draw)]
    fn undo(&self, socket: &Socket) -> Result<bool, EmitError> {
        let mut board = lock(&self.sheet);
        let Some(id) = board.take_last(&socket.id()) else { return Ok(false) };
        socket.server().to(&self.room).client().undone(id)?;
        Ok(true)
    }

    /// Where a pen has been since the last time, many times a second, and what it leaves if it is down; or
    /// that it is away. Volatile: who can't have it at once gets the next one, and the stroke when it is done.
    #[event]
    #[throttle(60, per = "1s")]
    fn pen(&self, socket: &Socket, down: bool, line: Option<Line>) -> Result<(), EmitError> {
        let down = down && self.me.draws;
        socket.to(&self.room).volatile().client().pen(self.me.place, down, line)
    }

    #[on_close]
    fn close(&mut self, socket: &Socket) {
        let mut board = lock(&self.sheet);
        board.people.remove(&self.me.place);
        board.left = Instant::now();
        if let Err(error) = board.show_people(socket, &self.room) {
            eprintln!("{} left unannounced: {error}", self.me.name);
        }
    }
}

/// Gives the board of this name, which is made if there is none.
fn find<'a>(boards: &'a mut HashMap<String, Sheet>, name: &str) -> Result<&'a Sheet, Reject> {
    if !(1..=NAME_MAX).contains(&name.chars().count()) {
        return Err(Reject::unauthorized(format!("a board's name has 1 to {NAME_MAX} characters")));
    }
    if !boards.contains_key(name) && boards.len() >= BOARDS_MAX {
        boards.retain(|_, sheet| !lock(sheet).is_forgotten());
        if boards.len() >= BOARDS_MAX {
            return Err(Reject::error("there are too many boards"));
        }
    }
    Ok(boards.entry(name.to_owned()).or_default())
}

impl Board {
    /// Whether it is this key that it takes; the first that it is shown, it takes for good.
    fn is_opened_by(&mut self, key: String) -> bool {
        if !(1..=NAME_MAX).contains(&key.len()) {
            return false;
        }
        // In constant time: how long it takes tells nothing of how much of a guess is right.
        let own = self.key.get_or_insert_with(|| key.clone());
        own.as_bytes().ct_eq(key.as_bytes()).into()
    }

    /// A free place, the one from before if it is.
    fn place(&self, before: Option<Person>, draws: bool) -> Option<Person> {
        let is_free = |place: &usize| !self.people.contains_key(place);
        let place = before.map(|person| person.place).filter(is_free);
        let place = place.or_else(|| (0..PEOPLE.len()).find(is_free))?;
        Some(Person { place, name: PEOPLE.get(place)?, draws })
    }

    /// Tells everybody who is here now.
    fn show_people(&self, socket: &Socket, room: &str) -> Result<(), EmitError> {
        let all: Vec<_> = self.people.values().copied().collect();
        socket.server().to(room).client().people(&all)
    }

    /// Adds a stroke. If that is too much, the oldest fade, and the oldest that is left is named.
    fn add(&mut self, stroke: Stroke) -> Option<u64> {
        self.next += 1;
        self.numbers += stroke.line.points.len();
        self.strokes.push_back(stroke);
        let mut has_faded = false;
        while self.strokes.len() > STROKES_MAX || self.numbers > NUMBERS_MAX {
            let oldest = self.strokes.pop_front()?;
            self.numbers -= oldest.line.points.len();
            has_faded = true;
        }
        self.strokes.front().map(|oldest| oldest.id).filter(|_| has_faded)
    }

    /// Takes off the last stroke of a connection.
    fn take_last(&mut self, by: &SocketId) -> Option<u64> {
        let last = self.strokes.iter().rposition(|stroke| stroke.by == *by)?;
        let stroke = self.strokes.remove(last)?;
        self.numbers -= stroke.line.points.len();
        Some(stroke.id)
    }

    fn is_forgotten(&self) -> bool {
        self.people.is_empty() && self.left.elapsed() >= KEPT
    }
}

impl Default for Board {
    fn default() -> Self {
        Self {
            key: None,
            people: BTreeMap::new(),
            strokes: VecDeque::new(),
            numbers: 0,
            next: 0,
            left: Instant::now(),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn server() -> SocketIo {
    SocketIo::builder::<Artist>()
        .state(App::default())
        .recovery(Recovery::default())
        .max_message_bytes(MESSAGE_MAX)
        .build()
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let options = Options::read();
    let io = server();
    let page = options.page(include_str!("../../pages/board.html"));
    let document = contract::of::<Artist>().asyncapi("Board", env!("CARGO_PKG_VERSION"));
    let api = document.map_err(std::io::Error::other)?.router();
    io.serve(options.listen("Board").await?, page.nest("/api", api)).await
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use serde_json::{Value, json};
    use socketio_core::test::{Refused, TestClient};

    use super::*;

    /// Someone on a board, with its key or with another, who does not care who else is.
    async fn open(io: &SocketIo, board: &str, key: &str) -> Result<TestClient, Refused> {
        let client = TestClient::connect(io).auth(json!({ "board": board, "key": key })).await?;
        client.ignore("people");
        client.ignore("you");
        Ok(client)
    }

    fn line(points: &[u16]) -> Value {
        json!({ "ink": 0, "width": 0, "points": points })
    }

    /// The ids of the strokes that a board holds.
    async fn loaded(client: &TestClient) -> Vec<u64> {
        let board: Value = client.call("load", ()).await.unwrap();
        let strokes = board["strokes"].as_array().unwrap();
        strokes.iter().map(|stroke| stroke["id"].as_u64().unwrap()).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn the_first_key_is_the_one_that_draws() {
        let io = server();
        let watcher = open(&io, "plans", "").await.unwrap();
        let ann = open(&io, "plans", "a key").await.unwrap();
        let eve = open(&io, "plans", "no key").await.unwrap();
        let id: u64 = ann.call("stroke", (1, line(&[1, 2]))).await.unwrap();
        for other in [&watcher, &eve] {
            assert_eq!(other.expect::<Value>("stroke").await["id"], id);
            let refused = "only those with the key draw here";
            let drawn = other.call::<Value>("stroke", (2, line(&[1, 2]))).await;
            assert_eq!(drawn.unwrap_err().error, refused);
            let undone = other.call::<Value>("undo", ()).await;
            assert_eq!(undone.unwrap_err().error, refused);
        }
        assert_eq!(ann.call("undo", ()).await, Ok(true));
        assert_eq!(ann.call("undo", ()).await, Ok(false));
        for each in [&watcher, &eve, &ann] {
            assert_eq!(each.expect::<u64>("undone").await, id);
        }
        ann.expect_nothing().await;
    }

    #[tokio::test(start_paused = true)]
    async fn a_line_that_can_not_be_is_refused() {
        let io = server();
        let ann = open(&io, "plans", "a key").await.unwrap();
        let long = vec![0; LINE_MAX + 2];
        for (wrong, place) in [
            (json!({ "ink": INKS, "width": 0, "points": [0, 0] }), "line.ink"),
            (json!({ "ink": 0, "width": WIDTHS, "points": [0, 0] }), "line.width"),
            (line(&[]), "line.points"),
            (line(&long), "line.points"),
            (line(&[0, 0, 0]), "line.points"),
            (line(&[SIZE.0 + 1, 0]), "line.points"),
            (line(&[0, SIZE.1 + 1]), "line.points"),
            (json!({ "ink": 0, "width": 0, "points": [0, -1] }), "line"),
            (json!({ "ink": 0, "width": 0, "points": [0.5, 0] }), "line"),
        ] {
            let error = ann.call::<Value>("stroke", (1, &wrong)).await.unwrap_err().error;
            let start = format!("event `stroke`: argument `{place}`: ");
            assert!(error.as_str().unwrap().starts_with(&start), "{wrong}: {error}");
        }
        let longest = line(&[SIZE.1; LINE_MAX]);
        assert_eq!(ann.call("stroke", (1, longest)).await, Ok(0));
    }

    #[tokio::test(start_paused = true)]
    async fn a_stroke_that_is_sent_again_is_there_once_and_the_oldest_fade_for_all() {
        let io = server();
        let (ann, bob) = (open(&io, "plans", "a key").await, open(&io, "plans", "").await);
        let (ann, bob) = (ann.unwrap(), bob.unwrap());
        let held = NUMBERS_MAX / LINE_MAX;
        for mark in 0..held + 5 {
            for _ in 0..2 {
                let id: u64 = ann.call("stroke", (mark, line(&[0; LINE_MAX]))).await.unwrap();
                assert_eq!(usize::try_from(id), Ok(mark));
            }
            // Slowly enough.
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        bob.ignore("stroke");
        for oldest in 1..=5 {
            assert_eq!(bob.expect::<u64>("faded").await, oldest);
        }
        assert_eq!(loaded(&bob).await, (5..5 + held as u64).collect::<Vec<_>>());
    }

    #[tokio::test(start_paused = true)]
    async fn places_and_boards_are_limited_and_become_free() {
        let io = server();
        let mut people = Vec::new();
        for _ in PEOPLE {
            people.push(open(&io, "board 0", "").await.unwrap());
        }
        let full = open(&io, "board 0", "").await.unwrap_err();
        assert_eq!(full.message, "this board is full");
        people.pop().unwrap().disconnect();
        people.push(open(&io, "board 0", "").await.unwrap());

        for board in 1..BOARDS_MAX {
            open(&io, &format!("board {board}"), "").await.unwrap().disconnect();
        }
        let many = open(&io, "one more", "").await.unwrap_err();
        assert_eq!(many.message, "there are too many boards");
        tokio::time::sleep(KEPT).await;
        open(&io, "one more", "").await.unwrap();
        // Where somebody is, nothing is forgotten.
        let full = open(&io, "board 0", "").await.unwrap_err();
        assert_eq!(full.message, "this board is full");
        for name in ["", &"a".repeat(NAME_MAX + 1)] {
            let refused = open(&io, name, "").await.unwrap_err();
            assert_eq!(refused.message, "a board's name has 1 to 40 characters");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_comes_back_missed_nothing_and_is_who_it_was() {
        let io = server();
        let (ann, bob) = (open(&io, "plans", "a key").await, open(&io, "plans", "a key").await);
        let (ann, bob) = (ann.unwrap(), bob.unwrap());
        let own: u64 = ann.call("stroke", (1, line(&[1, 2]))).await.unwrap();
        let lost = ann.drop_connection();
        let missed: u64 = bob.call("stroke", (2, line(&[3, 4]))).await.unwrap();
        let ticket = json!({ "board": "plans", "key": "a key" });
        let ann = TestClient::connect(&io).auth(ticket).recover(lost).await.unwrap();
        ann.ignore("people");
        assert_eq!(ann.expect::<Value>("stroke").await["id"], missed);
        assert_eq!(ann.expect::<Value>("you").await["name"], PEOPLE[0]);
        assert_eq!(ann.call("undo", ()).await, Ok(true));
        assert_eq!(ann.expect::<u64>("undone").await, own);
    }
}
