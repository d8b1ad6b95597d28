//! How long a client waits before it tries to come back: longer each time, and no two clients alike.
//!
//! The settings and a random number go in, a duration comes out; [`run`](super::run) calls it. It has no
//! clock. Source: socket.io-client 4.8 lib/contrib/backo2.ts (`duration`).

use std::time::Duration;

/// Whether, how often and when a client tries to come back.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reconnection {
    /// How often in a row; [`None`] is for ever.
    pub(super) attempts: Option<u32>,
    pub(super) delay: Duration,
    pub(super) delay_max: Duration,
    /// From 0 to 1.
    pub(super) randomization_factor: f64,
}

impl Default for Reconnection {
    fn default() -> Self {
        Self {
            attempts: None,
            delay: Duration::from_secs(1),
            delay_max: Duration::from_secs(5),
            randomization_factor: 0.5,
        }
    }
}

impl Reconnection {
    /// How long to wait before an attempt, the first of which is 0; [`None`] after the last. `random` says
    /// where in the randomized range it lies, from 0 to 1.
    pub(super) fn delay(&self, attempt: u32, random: f64) -> Option<Duration> {
        if self.attempts.is_some_and(|attempts| attempt >= attempts) {
            return None;
        }
        let doubled = self.delay.saturating_mul(1_u32.checked_shl(attempt).unwrap_or(u32::MAX));
        let spread = 1.0 + self.randomization_factor * (2.0 * random - 1.0);
        let randomized = doubled.min(self.delay_max).as_secs_f64() * spread;
        let randomized = Duration::try_from_secs_f64(randomized).unwrap_or(self.delay_max);
        Some(randomized.min(self.delay_max))
    }
}

/// A number from 0 to 1; where there is no randomness, the middle.
pub(super) fn random() -> f64 {
    getrandom::u32().map_or(0.5, |random| f64::from(random) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_double_up_to_the_limit_and_are_spread() {
        let defaults = Reconnection::default();
        for (attempt, random, millis) in [
            (0, 0.5, 1_000),
            (1, 0.5, 2_000),
            (2, 0.5, 4_000),
            (3, 0.5, 5_000),
            (100, 0.5, 5_000),
            (u32::MAX, 0.5, 5_000),
            (0, 0.0, 500),
            (0, 1.0, 1_500),
            (1, 0.25, 1_500),
            (100, 0.0, 2_500),
            (100, 1.0, 5_000),
        ] {
            let delay = defaults.delay(attempt, random);
            assert_eq!(delay, Some(Duration::from_millis(millis)), "{attempt} {random}");
        }
        assert!((0.0..=1.0).contains(&random()));
    }

    #[test]
    fn attempts_are_counted() {
        let twice = Reconnection { attempts: Some(2), ..Reconnection::default() };
        let given = |attempt| twice.delay(attempt, 0.5).is_some();
        assert_eq!([0, 1, 2, 3].map(given), [true, true, false, false]);
        let hasty = Reconnection { delay: Duration::MAX, ..Reconnection::default() };
        assert_eq!(hasty.delay(9, 0.5), Some(hasty.delay_max));
    }
}
