//! What `#[socket_connection]` costs to compile, beside the same methods with a `match` by hand.
//!
//! In: the signatures below, ten times each; out: two crates in a workspace of their own beside what cargo built, and
//! the processor's time that it takes to check and to build each once its dependencies are there, as medians and as
//! the ratio of the two; with `update`, the table in `docs/compile_time.md`. Processor time, for others may use the
//! machine; cargo's own is in it, for both.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;

use crate::step::{built_dir, cargo, not_started, root, run};

/// How often each is measured.
const ROUNDS: usize = 7;
/// How often each signature is there.
const COPIES: usize = 10;

/// One event: its method with the macro's attributes left out, and what a `match` by hand does with it. `{n}` is the
/// copy.
struct Signature {
    method: &'static str,
    by_hand: &'static str,
}

const SIGNATURES: [Signature; 10] = [
    Signature {
        method: "fn add{n}(&self, a: i64, b: i64) -> i64 { a + b }",
        by_hand: r#""add{n}" => { let (a, b) = event.args().decode()?; ack.send(self.add{n}(a, b))?; }"#,
    },
    Signature {
        method: r#"async fn say{n}(&self, socket: &Socket, from: String, text: String) -> Result<(), EmitError> { socket.broadcast().emit("said", (from, text)) }"#,
        by_hand: r#""say{n}" => { let (from, text) = event.args().decode()?; self.say{n}(socket, from, text).await?; ack.send(())?; }"#,
    },
    Signature {
        method: "async fn search{n}(&self, query: &str, limit: Option<usize>) -> Result<Vec<Hit>, Missing> { self.find(query, limit).await }",
        by_hand: r#""search{n}" => {
            let args = event.args();
            let short = |_| args.decode::<String>().map(|query| (query, None));
            let (query, limit) = args.decode::<(String, _)>().or_else(short)?;
            ack.send(self.search{n}(&query, limit).await?)?;
        }"#,
    },
    Signature {
        method: "fn rename{n}(&mut self, name: String) { self.name = name; }",
        by_hand: r#""rename{n}" => { self.rename{n}(event.args().decode()?); ack.send(())?; }"#,
    },
    Signature {
        method: "async fn enter{n}(&mut self, socket: &Socket, room: String) -> bool { socket.join(&*room); !room.is_empty() }",
        by_hand: r#""enter{n}" => { let room = event.args().decode()?; ack.send(self.enter{n}(socket, room).await)?; }"#,
    },
    Signature {
        method: "fn step{n}(&mut self, by: Point) -> Point { self.at = Point { x: self.at.x + by.x, y: self.at.y + by.y }; self.at }",
        by_hand: r#""step{n}" => { let by = event.args().decode()?; ack.send(self.step{n}(by))?; }"#,
    },
    Signature {
        method: "async fn upload{n}(&self, name: String, file: Binary) -> usize { name.len() + file.len() }",
        by_hand: r#""upload{n}" => { let (name, file) = event.args().decode()?; ack.send(self.upload{n}(name, file).await)?; }"#,
    },
    Signature {
        method: "fn set{n}(&mut self, options: HashMap<String, String>, quiet: Option<bool>) { if quiet != Some(true) { self.options.extend(options); } }",
        by_hand: r#""set{n}" => {
            let args = event.args();
            let short = |_| args.decode().map(|options| (options, None));
            let (options, quiet) = args.decode().or_else(short)?;
            self.set{n}(options, quiet);
            ack.send(())?;
        }"#,
    },
    Signature {
        method: "fn ping{n}(&self) {}",
        by_hand: r#""ping{n}" => { event.args().decode::<()>()?; self.ping{n}(); ack.send(())?; }"#,
    },
    Signature {
        method: "async fn list{n}(&self, State(app): State<App>, ids: Vec<u64>) -> Vec<Hit> { ids.into_iter().map(|id| Hit { id, title: app.0.clone() }).collect() }",
        by_hand: r#""list{n}" => { let ids = event.args().decode()?; ack.send(self.list{n}(State(app.clone()), ids).await)?; }"#,
    },
];

/// What both crates begin with.
const COMMON: &str = r#"//! A hundred events.
use std::collections::HashMap;
use socketio_core::{Binary, SocketIo, prelude::*};

#[derive(Clone, Default)]
pub struct App(String);
#[derive(Clone, Copy, Default, serde::Deserialize, serde::Serialize)]
pub struct Point { x: f64, y: f64 }
#[derive(serde::Serialize)]
pub struct Hit { id: u64, title: String }
#[derive(Debug)]
pub struct Missing;
impl std::error::Error for Missing {}
impl std::fmt::Display for Missing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result { f.write_str("nothing is there") }
}
#[derive(Default)]
pub struct Chat { name: String, at: Point, options: HashMap<String, String> }
impl Chat {
    async fn find(&self, query: &str, limit: Option<usize>) -> Result<Vec<Hit>, Missing> {
        let hit = |id| Hit { id, title: query.to_owned() };
        Ok((0..).map(hit).take(limit.ok_or(Missing)?).collect())
    }
}
pub fn server() -> SocketIo { SocketIo::builder::<Chat>().state(App::default()).build() }
"#;

const BY_HAND: &str = r#"
type Failure = Box<dyn std::error::Error + Send + Sync>;
#[socket_connection]
impl Chat {
    #[on_event]
    async fn any(&mut self, socket: &Socket, State(app): State<App>, event: &Event, ack: AckSender) {
        if let Err(error) = self.dispatch(socket, &app, event, ack).await {
            let _gone = socket.emit("failed", error.to_string());
        }
    }
    async fn dispatch(&mut self, socket: &Socket, app: &App, event: &Event, ack: AckSender) -> Result<(), Failure> {
        match event.name() {
{arms}
            _ => {}
        }
        Ok(())
    }
}
impl Chat {
{methods}
}
"#;

/// The ways to compile, with what they do.
const WAYS: [(&str, &str, bool); 4] = [
    ("`cargo check`", "check", false),
    ("`cargo check`, a body edited", "check", true),
    ("`cargo build`", "build", false),
    ("`cargo build`, a body edited", "build", true),
];

/// Measures; with `update`, the table is checked in.
///
/// # Errors
///
/// When something does not compile.
pub(crate) fn measure(update: bool) -> Result<(), String> {
    let dir = built_dir()?.with_file_name("bench-macros");
    write_crates(&dir)?;
    let mut table = "| | the macro | by hand | ratio |\n|---|---|---|---|\n".to_owned();
    for (name, command, is_edit) in WAYS {
        let mut warm = compile(&dir, command, is_edit);
        run(name, warm.arg("--workspace"), "Mend what does not compile.")?;
        let mut times = [Vec::new(), Vec::new()];
        for round in 0..ROUNDS {
            for (of, times) in ["macro", "hand"].into_iter().zip(&mut times) {
                let text = source(of).replacen("{ a + b }", &format!("{{ a + b + {round} }}"), 1);
                write(&dir.join(of).join("src/lib.rs"), &text)?;
                times.push(seconds(compile(&dir, command, is_edit).args([
                    "--quiet",
                    "--package",
                    of,
                ]))?);
            }
        }
        let [ours, theirs] = times.map(median);
        let _infallible =
            writeln!(table, "| {name} | {ours:.2} s | {theirs:.2} s | {:.2} |", ours / theirs);
    }
    println!("\n{table}");
    if update { put(&root().join("docs/compile_time.md"), &table) } else { Ok(()) }
}

/// The call of cargo that compiles both.
fn compile(dir: &Path, command: &str, incremental: bool) -> Command {
    let mut cargo = cargo(&[command, "--offline"]);
    cargo.current_dir(dir).env("CARGO_INCREMENTAL", if incremental { "1" } else { "0" });
    cargo.env("CARGO_TARGET_DIR", dir.join("target"));
    cargo
}

fn write_crates(dir: &Path) -> Result<(), String> {
    let root = root().display();
    write(
        &dir.join("Cargo.toml"),
        "[workspace]\nresolver = \"3\"\nmembers = [\"macro\", \"hand\"]\n",
    )?;
    let lock =
        fs::read_to_string(format!("{root}/Cargo.lock")).map_err(|error| error.to_string())?;
    write(&dir.join("Cargo.lock"), &lock)?;
    for of in ["macro", "hand"] {
        let manifest = format!(
            "[package]\nname = \"{of}\"\nedition = \"2024\"\n[dependencies]\nserde = {{ version = \"1\", features = \
             [\"derive\"] }}\nsocketio-core = {{ path = \"{root}/socketio-core\" }}\n"
        );
        write(&dir.join(of).join("Cargo.toml"), &manifest)?;
        write(&dir.join(of).join("src/lib.rs"), &source(of))?;
    }
    Ok(())
}

fn source(of: &str) -> String {
    let (mut methods, mut arms, mut handlers) = (String::new(), String::new(), String::new());
    for copy in 0..COPIES {
        for Signature { method, by_hand } in SIGNATURES {
            let method = method.replace("{n}", &copy.to_string());
            handlers += &format!("    #[event]\n    {method}\n");
            methods += &format!("    {method}\n");
            arms += &format!("            {}\n", by_hand.replace("{n}", &copy.to_string()));
        }
    }
    match of {
        "macro" => format!("{COMMON}\n#[socket_connection]\nimpl Chat {{\n{handlers}}}\n"),
        _ => COMMON.to_owned() + &BY_HAND.replace("{arms}", &arms).replace("{methods}", &methods),
    }
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    let failed = |error| format!("{}: {error}", path.display());
    path.parent().map_or(Ok(()), fs::create_dir_all).map_err(failed)?;
    fs::write(path, text).map_err(failed)
}

/// The processor's time that a command and all that it starts take.
fn seconds(command: &mut Command) -> Result<f64, String> {
    let before = children()?;
    let status = command.status().map_err(|error| not_started(command, &error))?;
    if status.success() { Ok(children()? - before) } else { Err("it does not compile".to_owned()) }
}

/// The same of all that this program has started, in hundredths of a second by Linux.
fn children() -> Result<f64, String> {
    let stat = fs::read_to_string("/proc/self/stat")
        .map_err(|error| format!("/proc/self/stat: {error}"))?;
    let fields = stat.rsplit(") ").next().unwrap_or_default().split(' ').skip(13).take(2);
    Ok(fields.filter_map(|ticks| ticks.parse::<f64>().ok()).sum::<f64>() / 100.0)
}

fn median(mut times: Vec<f64>) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or_default()
}

/// Puts the table in place of the one in a page.
fn put(path: &Path, table: &str) -> Result<(), String> {
    let page = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let (before, rest) = page.split_once("| | the macro").ok_or("the page has no table")?;
    let after = rest.split_once("\n\n").map_or("", |(_, after)| after);
    write(path, &format!("{before}{table}\n{after}"))
}
