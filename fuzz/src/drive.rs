//! Throws inputs at a target: seeds, and what changes them make.
//!
//! A target, its seeds and a number of rounds go in; the target's panic comes out, behind the input that caused it.
//! Tests call it. The same seeds and rounds are the same inputs on every machine. It does not see which code
//! an input reaches, as libFuzzer does: it is for the mistakes that lie near what clients really send.

use std::fmt;

/// What is longer is cut off.
const MAX_BYTES: usize = 4096;
/// How many changes make an input of a seed, at most.
const MAX_CHANGES: usize = 6;

/// What codecs look for, and what is next to what they take.
const WORDS: [&[u8]; 40] = [
    b"",
    b":",
    b"::",
    b"+",
    b"-",
    b",",
    b"/",
    b"/a,",
    b"?",
    b"\"",
    b"\\",
    b"\\u",
    b"\\ud83d",
    b"[",
    b"]",
    b"{",
    b"}",
    b"[[[[[[[[",
    b"{\"_placeholder\":true,\"num\":0}",
    b"{\"num\":1,\"_placeholder\":true}",
    b"null",
    b"1e999",
    b"-0.0",
    b"99999999999999999999999",
    b"4294967296",
    b"\x1e",
    b"\0",
    b"\xff",
    b"\xc1",
    b"\xc7",
    b"\xd8\x00",
    b"\x7f\xff\xff\xff\xff\xff\xff\xff",
    "é".as_bytes(),
    "☃".as_bytes(),
    "😀".as_bytes(),
    "\u{FFFD}".as_bytes(),
    "\u{2028}".as_bytes(),
    b"\xed\xa0\xbd",
    b"\r\n",
    b"%e2%98%83",
];

/// Runs a target on all seeds, and on as many inputs as there are rounds.
///
/// # Panics
///
/// When the target does; the input is written to standard error then.
pub fn drive(target: fn(&[u8]), seeds: &[Vec<u8>], rounds: usize) {
    assert!(!seeds.is_empty(), "nothing to begin with");
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let run = |input: &[u8]| {
        let _shown = Shown(input);
        target(input);
    };
    seeds.iter().for_each(|seed| run(seed));
    for _ in 0..rounds {
        let mut input = random.pick(seeds).clone();
        for _ in 0..=random.below(MAX_CHANGES) {
            random.change(&mut input, seeds);
        }
        input.truncate(MAX_BYTES);
        run(&input);
    }
}

/// An input that is shown if it makes a target panic.
struct Shown<'a>(&'a [u8]);

impl Drop for Shown<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            eprintln!("the input: {self}");
        }
    }
}

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "b\"{}\"", self.0.escape_ascii())
    }
}

/// Marsaglia's xorshift64.
struct Random(u64);

impl Random {
    /// A number below this one, or 0.
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 16) as usize % end.max(1)
    }

    fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// A part of so many bytes, seldom long.
    fn part(&mut self, length: usize) -> std::ops::Range<usize> {
        let start = self.below(length + 1);
        let most = if self.below(8) == 0 { length } else { 8 };
        start..start + self.below(most.min(length - start) + 1)
    }

    fn change(&mut self, input: &mut Vec<u8>, seeds: &[Vec<u8>]) {
        let part = self.part(input.len());
        let at = part.start;
        match self.below(9) {
            0 if at < input.len() => input[at] ^= 1 << self.below(8),
            1 if at < input.len() => input[at] = self.below(256) as u8,
            2 => input.insert(at, self.below(256) as u8),
            3 => drop(input.drain(part)),
            4 => {
                let copy = input[part].repeat(1 + self.below(3));
                input.splice(at..at, copy);
            }
            5 => input.truncate(at),
            6 => {
                let other = self.pick(seeds);
                let other = &other[self.part(other.len())];
                input.splice(part, other.iter().copied());
            }
            _ => {
                let word = *self.pick(&WORDS);
                let replaced = if self.below(2) == 0 { part } else { at..at };
                input.splice(replaced, word.iter().copied());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use super::*;

    /// Takes the first byte for the first character.
    fn cut_in_the_middle_of_a_character(input: &[u8]) {
        let text = String::from_utf8_lossy(input);
        if let Some(length) = text.strip_prefix("4/") {
            let _name = &length[..length.len().min(1)];
        }
    }

    /// Believes a length.
    fn length_that_is_believed(input: &[u8]) {
        let text = String::from_utf8_lossy(input);
        let Some((length, rest)) = text.split_once(':') else { return };
        if let Ok(length) = length.parse::<usize>() {
            let _entry = &rest.as_bytes()[..length];
        }
    }

    fn nothing(_: &[u8]) {}

    #[test]
    fn planted_mistakes_are_found_and_only_those() {
        let seeds = [b"4/a,hello".to_vec(), b"2:40".to_vec()];
        for (target, is_wrong) in [
            (cut_in_the_middle_of_a_character as fn(&[u8]), true),
            (length_that_is_believed, true),
            (nothing, false),
        ] {
            assert!(seeds.iter().all(|seed| catch_unwind(|| target(seed)).is_ok()));
            assert_eq!(catch_unwind(|| drive(target, &seeds, 2_000)).is_err(), is_wrong);
        }
    }
}
