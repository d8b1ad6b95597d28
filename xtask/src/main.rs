//! `cargo xtask`: runs the project's checks, at a desk and in CI alike, and its measurements.
//!
//! In: the words of the command line. Out: the checks' own output under headings, and success only if
//! every check passed; the first that fails ends the run and says what to do about it.

mod bench;
mod chromium;
mod clients;
mod debian;
mod deny;
mod editor;
mod fuzz;
mod instructions;
mod macros;
mod python;
mod rust;
mod server;
mod step;

use std::process::ExitCode;

const HELP: &str = "\
Runs the project's checks and measurements.

Usage: cargo xtask <command>

Commands:
  test          all of them: `test rust`, `deny`, `diagnostics` and `bench instructions` (what can't be had for them
                is said and fails no test), then `test clients`
  test rust     formatting, lints, documentation, Rust tests, models of what threads do
  test clients  the official clients in Node.js and in Chromium, and python-socketio's
  bench         measures the server beside others and writes tables and plots; with `--quick`, only to see
                that it works
  bench instructions
                counts the instructions of a message with valgrind and says what moved; with `--update`, the
                figures in benches/instructions.txt are written anew
  deny          licences, sources and versions of what is depended on, and advisories where they can be had
  diagnostics   what rust-analyzer says to the examples: nothing
  bench-macros  measures what a block of 100 events costs to compile beside the same methods with a `match` by
                hand; with `--update`, the table in docs/compile_time.md is written anew
  soak --minutes N
                wears the server down with clients that leave at every stage and clients that stay, and looks what
                is left over
  fuzz --minutes N
                throws inputs at all codecs and at sessions, by libFuzzer, so many minutes in all
  help          this text

Environment:
  RUST_ANALYZER the language server to use instead of the one that is installed
  BENCH_OUT     the folder for tables and plots
  CHROMIUM      the browser to use instead of /usr/bin/chromium
  SCREENSHOTS   a folder for pictures of the pages under test
";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["test"] => rust::test().and_then(|()| {
            match deny::find() {
                Ok(deny) => deny::check(&deny)?,
                Err(why) => println!("\nNobody has looked at the dependencies: {why}"),
            }
            match editor::find() {
                Ok(server) => editor::diagnostics(&server)?,
                Err(why) => println!("\nNo editor has looked at the examples: {why}"),
            }
            if let Err(why) = instructions::count(false) {
                println!("\nInstructions were not counted: {why}");
            }
            clients::test()
        }),
        ["test", "rust"] => rust::test(),
        ["test", "clients"] => clients::test(),
        ["bench"] => bench::compare(false),
        ["bench", "--quick"] => bench::compare(true),
        ["bench", "instructions"] => instructions::count(false),
        ["bench", "instructions", "--update"] => instructions::count(true),
        ["deny"] => deny::find().and_then(|deny| deny::check(&deny)),
        ["diagnostics"] => editor::find().and_then(|server| editor::diagnostics(&server)),
        ["bench-macros"] => macros::measure(false),
        ["bench-macros", "--update"] => macros::measure(true),
        ["soak", "--minutes", minutes] => bench::soak(minutes),
        ["fuzz", "--minutes", minutes] => fuzz::run(minutes),
        ["help" | "--help" | "-h"] => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprint!("{HELP}");
            return ExitCode::from(2);
        }
    };
    match outcome {
        Ok(()) => {
            println!("\nDone, and all is well.");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("\nxtask: {message}");
            ExitCode::FAILURE
        }
    }
}
