//! Who are you: a login with name and password, roles as guards, and a login that grows old.
//!
//! `cargo run --bin whoami` prints the address to open; `pages/whoami.html` is the other half. The page gets a
//! token for a password by `POST /login`, and connects with that. A login ends after `LASTS`, and the
//! connection with it, unless it is refreshed.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use argon2::{Argon2, PasswordHash, PasswordVerifier as _};
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::routing::post;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use socketio_core::{SocketIo, prelude::*};
use socketio_examples::Options;
use tokio::sync::Semaphore;
use tokio::time::Instant;

const LASTS: Duration = Duration::from_secs(20); // short enough to watch
const LOGINS_MAX: usize = 1_000; // at a time
const CHECKS_MAX: usize = 4; // passwords at a time: each takes 19 MiB of memory
const BODY_MAX: usize = 1024; // bytes of a name and a password
const TEXT_MAX: usize = 200; // characters

/// What a user may do: whatever those before may, and more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
enum Role {
    Guest,
    Editor,
    Admin,
}

/// A user, with what the server knows of the password: enough to check one, too little to find it.
struct User {
    name: &'static str,
    role: Role,
    hash: &'static str,
}

/// Made up; the page shows their passwords.
const USERS: [User; 3] = [
    User {
        name: "ann",
        role: Role::Admin,
        hash: "$argon2id$v=19$m=19456,t=2,p=1$rW6oSbRBg0vTS/8+XPe0VA$WiY9qa07Wq60Zn/eSAps4YXggo486MPkebo/6QPKuiw",
    },
    User {
        name: "ben",
        role: Role::Editor,
        hash: "$argon2id$v=19$m=19456,t=2,p=1$JVcUuxwadpK2/pZiTXTVLw$Lotbk/aWMctxxyiehGaeZrTekMmsvu/B/tSv5h0DlLs",
    },
    User {
        name: "cleo",
        role: Role::Guest,
        hash: "$argon2id$v=19$m=19456,t=2,p=1$MdgC8QZxae1BpLwS1aFfTw$nlXMg8sE4+BaCsa9mrQ2gZyHmtQd3ss43o3+X82e2DM",
    },
];

/// Of a password that nobody knows.
const NOBODYS: &str = "$argon2id$v=19$m=19456,t=2,p=1$d4AcKzAlsg9+W0ktS8uUlA$P1zmw1J8xYVzW4rJcylXgbUvoPo7RNSh4v4lid4jwdo";

impl User {
    /// Finds the user with this name and password, if there is one. Takes tens of milliseconds, and as
    /// long for a wrong name as for a wrong password.
    fn find(name: &str, password: &str) -> Option<&'static Self> {
        let user = USERS.iter().find(|user| user.name == name);
        let hash = PasswordHash::new(user.map_or(NOBODYS, |user| user.hash)).ok()?;
        Argon2::default().verify_password(password.as_bytes(), &hash).ok()?;
        user
    }
}

/// The server's state.
#[derive(Clone)]
struct App {
    logins: Arc<Mutex<HashMap<String, Login>>>,
    checks: Arc<Semaphore>,
}

/// What a token stands for.
#[derive(Clone, Copy)]
struct Login {
    user: &'static User,
    ends: Instant,
}

/// What a page says of itself when it connects.
#[derive(Deserialize)]
struct Ticket {
    token: String,
}

impl App {
    fn new() -> Self {
        Self { logins: Arc::default(), checks: Arc::new(Semaphore::new(CHECKS_MAX)) }
    }

    /// The logins by their tokens. A map finds by a hash with a key of its own, so how long that takes
    /// tells nothing of the tokens in it.
    fn logins(&self) -> MutexGuard<'_, HashMap<String, Login>> {
        self.logins.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Begins a login, and gives its token: it says nothing, 128 random bits, and only the server knows
    /// what they stand for.
    fn begin(&self, user: &'static User) -> Option<String> {
        let mut bits = [0; 16];
        getrandom::fill(&mut bits).ok()?;
        let token = format!("{:032x}", u128::from_ne_bytes(bits));
        let (mut logins, now) = (self.logins(), Instant::now());
        logins.retain(|_, login| login.ends > now);
        if logins.len() >= LOGINS_MAX {
            return None;
        }
        logins.insert(token.clone(), Login { user, ends: now + LASTS });
        Some(token)
    }

    /// What a token stands for, if it is good.
    fn login(&self, token: &str) -> Option<Login> {
        self.logins().get(token).copied().filter(|login| login.ends > Instant::now())
    }

    /// Refuses those who have not this role, or one above it.
    fn require(&self, token: &str, role: Role) -> Result<Login, Reject> {
        let login = self.login(token).ok_or(Reject::unauthorized("you are not logged in"))?;
        if login.user.role < role {
            return Err(Reject::unauthorized(format!("that takes the role {role:?}")));
        }
        Ok(login)
    }
}

/// What `POST /login` takes.
#[derive(Deserialize)]
struct Credentials {
    name: String,
    password: String,
}

/// Gives a token for a name and a password.
async fn log_in(
    State(app): State<App>,
    Json(Credentials { name, password }): Json<Credentials>,
) -> Result<String, StatusCode> {
    let Ok(permit) = Arc::clone(&app.checks).acquire_owned().await else {
        return Err(StatusCode::SERVICE_UNAVAILABLE);
    };
    // It computes for a while: on a thread of its own, where nobody waits for it. The permit goes along, for
    // that thread goes on where the request is given up.
    let found = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        User::find(&name, &password)
    });
    let user =
        found.await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?.ok_or(StatusCode::FORBIDDEN)?;
    app.begin(user).ok_or(StatusCode::SERVICE_UNAVAILABLE)
}

/// Lets in who shows a token that is good, and finds out who that is.
#[guard]
fn logged_in(Auth(ticket): Auth<Ticket>, State(app): State<App>) -> Result<Login, Reject> {
    app.require(&ticket.token, Role::Guest)
}

/// Asked before each event, not once for a connection: a role that is taken away is gone at once.
#[guard]
fn editor(Auth(ticket): Auth<Ticket>, State(app): State<App>) -> Result<(), Reject> {
    app.require(&ticket.token, Role::Editor).map(drop)
}

#[guard]
fn admin(Auth(ticket): Auth<Ticket>, State(app): State<App>) -> Result<(), Reject> {
    app.require(&ticket.token, Role::Admin).map(drop)
}

/// One connection, of somebody who is logged in.
struct Visitor {
    token: String,
}

/// Somebody who is logged in, and for how many milliseconds.
#[derive(Serialize)]
struct Who {
    name: &'static str,
    role: Role,
    left: u128,
}

impl From<Login> for Who {
    fn from(Login { user, ends }: Login) -> Self {
        let left = ends.saturating_duration_since(Instant::now());
        Self { name: user.name, role: user.role, left: left.as_millis() }
    }
}

#[socket_connection]
#[guard(logged_in)]
impl Visitor {
    #[on_open]
    fn open(socket: &Socket, Auth(ticket): Auth<Ticket>, login: Guarded<Login>) -> Self {
        socket.expire_in(login.ends.saturating_duration_since(Instant::now()));
        Self { token: ticket.token }
    }

    /// `socket.emit('whoami', who => …)`, which is `null` when the login has ended just now.
    #[event]
    fn whoami(&self, State(app): State<App>) -> Option<Who> {
        app.login(&self.token).map(Who::from)
    }

    /// Begins the time of the login anew, and with it that of the connection.
    #[event]
    fn refresh(&self, socket: &Socket, State(app): State<App>) -> Option<Who> {
        let (mut logins, now) = (app.logins(), Instant::now());
        let login = logins.get_mut(&self.token).filter(|login| login.ends > now)?;
        login.ends = now + LASTS;
        socket.expire_in(LASTS);
        Some(Who::from(*login))
    }

    /// Says something to everybody: `socket.emit('announce', 'Tea is ready', answer => …)`
    #[event]
    #[guard(editor)]
    fn announce(&self, socket: &Socket, login: Guarded<Login>, text: String) -> Result<(), String> {
        if text.chars().count() > TEXT_MAX {
            return Err(format!("more than {TEXT_MAX} characters"));
        }
        let said = socket.server().emit("announced", (login.user.name, text));
        said.map_err(|error| error.to_string())
    }

    /// Who is logged in.
    #[event]
    #[guard(admin)]
    fn people(&self, State(app): State<App>) -> Vec<Who> {
        let mut people: Vec<_> = app.logins().values().copied().map(Who::from).collect();
        people.retain(|who| who.left > 0);
        people.sort_by_key(|who| (who.name, who.left));
        people
    }

    /// Makes the token worthless, and closes the connection.
    #[event]
    fn log_out(&self, socket: &Socket, State(app): State<App>) {
        app.logins().remove(&self.token);
        socket.disconnect();
    }
}

fn server(app: &App) -> SocketIo {
    SocketIo::builder::<Visitor>().state(app.clone()).build()
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let options = Options::read();
    let app = App::new();
    let io = server(&app);
    let login = post(log_in).layer(DefaultBodyLimit::max(BODY_MAX));
    let page = options.page(include_str!("../../pages/whoami.html"));
    let page = page.merge(Router::new().route("/login", login).with_state(app));
    io.serve(options.listen("Whoami").await?, page).await
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

    use serde_json::{Value, json};
    use socketio_core::test::{Closed, Refused, TestClient};
    use tokio::time::sleep;

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    async fn connect(io: &SocketIo, token: &str) -> Result<TestClient, Refused> {
        TestClient::connect(io).auth(json!({ "token": token })).await
    }

    /// Somebody who is logged in, and the token.
    async fn enter(app: &App, io: &SocketIo, name: &str) -> (TestClient, String) {
        let token = app.begin(USERS.iter().find(|user| user.name == name).unwrap()).unwrap();
        (connect(io, &token).await.unwrap(), token)
    }

    #[test]
    fn a_password_is_its_users() {
        for (name, password, is_right) in [
            ("ann", "tulip", true),
            ("ben", "harbor", true),
            ("cleo", "maple", true),
            ("ann", "harbor", false),
            ("ann", "", false),
            ("nobody", "tulip", false),
        ] {
            let found = User::find(name, password).map(|user| user.name);
            assert_eq!(found, is_right.then_some(name), "{name}, {password}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_login_ends_in_its_time_unless_it_is_refreshed() {
        let app = App::new();
        let io = server(&app);
        let (ann, token) = enter(&app, &io, "ann").await;
        sleep(LASTS - SECOND).await;
        let who: Value = ann.call("whoami", ()).await.unwrap();
        assert_eq!(who, json!({ "name": "ann", "role": "admin", "left": 1000 }));
        let who: Value = ann.call("refresh", ()).await.unwrap();
        assert_eq!(who["left"], 20_000);

        // One that connects late has what is left.
        sleep(LASTS - SECOND).await;
        let late = connect(&io, &token).await.unwrap();
        sleep(SECOND).await;
        for client in [ann, late] {
            client.expect::<Value>("expired").await;
            assert_eq!(client.expect_closed().await, Closed::Disconnected);
        }
        assert_eq!(connect(&io, &token).await.unwrap_err().message, "you are not logged in");
    }

    #[tokio::test(start_paused = true)]
    async fn a_role_may_do_what_is_its_own_and_what_those_below_it_may() {
        let app = App::new();
        let io = server(&app);
        for (name, refusals) in [
            ("ann", [None, None]),
            ("ben", [None, Some("that takes the role Admin")]),
            ("cleo", [Some("that takes the role Editor"), Some("that takes the role Admin")]),
        ] {
            let (client, token) = enter(&app, &io, name).await;
            client.ignore("announced");
            let announced = client.call::<Value>("announce", "Tea is ready").await.err();
            let listed = client.call::<Value>("people", ()).await.err();
            let said = [announced, listed].map(|refused| refused.map(|refused| refused.error));
            assert_eq!(said, refusals.map(|words| words.map(|words| json!(words))), "{name}");
            // Without a login there is no role.
            app.logins().remove(&token);
            let refused = client.call::<Value>("announce", "Tea is ready").await;
            assert_eq!(refused.unwrap_err().error, "you are not logged in", "{name}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_logs_out_is_out_and_there_is_room_for_others() {
        let app = App::new();
        let io = server(&app);
        let (ann, token) = enter(&app, &io, "ann").await;
        ann.emit("log_out", ());
        assert_eq!(ann.expect_closed().await, Closed::Disconnected);
        assert_eq!(connect(&io, &token).await.unwrap_err().message, "you are not logged in");

        let [user, ..] = &USERS;
        let begun = (0..=LOGINS_MAX).filter_map(|_| app.begin(user)).count();
        assert_eq!(begun, LOGINS_MAX);
        sleep(LASTS).await;
        assert!(app.begin(user).is_some());
    }
}
