//! What is thrown at the server, and what must hold whatever it is.
//!
//! A target is a function of any bytes that panics when something does not hold that must. Those of what is public
//! are here; those of what is not are `socketio_core::fuzz`, which is there where fuzzing is. Their programs are in
//! `fuzz_targets`: for libFuzzer by `cargo xtask fuzz` or `cargo fuzz`. Ordinary tests throw a bounded number
//! of inputs at each, by [`drive`]. All begin with the [`SEEDS`], which are made of what was recorded in
//! `tests/wire`.

mod codec;
pub use codec::{engineio3, engineio4, legacy, msgpack, socketio};

mod drive;
pub use drive::drive;

mod seeds;
pub use seeds::SEEDS;

/// Inputs to begin with for a target of this name.
#[must_use]
pub fn seeds(target: &str) -> Vec<Vec<u8>> {
    let of = SEEDS.iter().find(|(name, _)| *name == target);
    of.map(|(_, seeds)| seeds()).unwrap_or_default()
}

/// The program of a target: libFuzzer's where fuzzing is, else one that says how to get that.
#[macro_export]
macro_rules! target {
    ($run:path) => {
        #[cfg(fuzzing)]
        libfuzzer_sys::fuzz_target!(|input: &[u8]| $run(input));

        #[cfg(not(fuzzing))]
        fn main() {
            eprintln!("this was built without libFuzzer: `cargo xtask fuzz` builds it with it");
        }
    };
}
