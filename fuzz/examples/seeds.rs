//! Writes what fuzzing begins with: a folder of inputs for each target, in the folder that is named.
//!
//! `cargo run -p socketio-fuzz --example seeds -- fuzz/corpus` is what `cargo fuzz` looks for; `cargo xtask fuzz`
//! does it by itself.

use std::path::PathBuf;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let Some(folder) = env::args_os().nth(1).map(PathBuf::from) else {
        return Err(io::Error::other("name the folder to write to"));
    };
    for (target, seeds) in socketio_fuzz::SEEDS {
        let folder = folder.join(target);
        fs::create_dir_all(&folder)?;
        for (at, seed) in seeds().iter().enumerate() {
            fs::write(folder.join(format!("seed-{at}")), seed)?;
        }
    }
    Ok(())
}
