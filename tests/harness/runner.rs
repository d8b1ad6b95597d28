//! Plays whole groups of recorded sessions, with the deliberate differences put in their place.
//!
//! In: a way to get a server with given settings, a group, a table of [`Difference`]s. Out: the
//! number of cases played, or a panic that lists every case that failed. Called by the tests.

use std::collections::BTreeSet;

use serde_json::Value;
use tokio::task::JoinSet;

use crate::{
    expectation::Dialect,
    player::{Target, play},
    script::Script,
    vectors::{Case, cases},
};

/// A case in which the server differs from the recording on purpose.
#[derive(Debug, Clone, Copy)]
pub struct Difference {
    /// The case.
    pub id: &'static str,
    /// Why the server differs.
    pub reason: &'static str,
    /// The steps to play instead, as a JSON list; `None`: the case is not played.
    pub steps: Option<&'static str>,
}

/// Plays all cases of a group at once against this project's server, and returns how many they are.
///
/// `address_for` is called once per case with its `server_settings`: a server of its own keeps the
/// broadcasts of one case out of the others. Played are the recorded steps, for official bugs the
/// desired ones, and for cases in `overrides` what stands there.
///
/// # Panics
/// When a case fails, or an override names no case or cannot be read; the message lists all.
pub async fn run_group<T: Into<Target>>(
    address_for: impl AsyncFn(&Value) -> T,
    group: &str,
    overrides: &[Difference],
) -> usize {
    let (jobs, mut failures) = match cases() {
        Ok(cases) => plan(cases, group, overrides),
        Err(error) => (Vec::new(), vec![format!("the vectors: {error}")]),
    };
    let count = jobs.len();
    let mut running = JoinSet::new();
    for (case, script) in jobs {
        let target = address_for(&case.server_settings).await.into();
        running.spawn(async move { play(target, &Dialect::default(), &case.id, &script).await });
    }
    while let Some(played) = running.join_next().await {
        match played {
            Ok(Ok(())) => {}
            Ok(Err(failure)) => failures.push(failure.to_string()),
            Err(error) => failures.push(error.to_string()),
        }
    }
    failures.sort();
    let failed = failures.len();
    assert!(
        failures.is_empty(),
        "{group}: {failed} failures, {count} cases\n{}",
        failures.join("\n")
    );
    count
}

/// The cases to play with their steps, and what is wrong with the overrides.
fn plan(
    cases: Vec<Case>,
    group: &str,
    overrides: &[Difference],
) -> (Vec<(Case, Script)>, Vec<String>) {
    let ids: BTreeSet<&str> = cases.iter().map(|case| case.id.as_str()).collect();
    let stray = overrides.iter().filter(|difference| !ids.contains(difference.id));
    let mut wrong: Vec<_> = stray.map(|stray| format!("no case is called {}", stray.id)).collect();
    let mut jobs = Vec::new();
    for case in cases.into_iter().filter(|case| case.is_in(group)) {
        let script = match overrides.iter().find(|difference| difference.id == case.id) {
            None => case.script().clone(),
            Some(Difference { steps: None, .. }) => continue,
            Some(Difference { steps: Some(steps), .. }) => match Script::parse(steps) {
                Ok(script) => script,
                Err(error) => {
                    wrong.push(format!("the other steps of {}: {error}", case.id));
                    continue;
                }
            },
        };
        jobs.push((case, script));
    }
    (jobs, wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OVERRIDES: [Difference; 4] = [
        Difference { id: "htmlfile/connect", reason: "not offered", steps: None },
        Difference { id: "htmlfile/payload", reason: "one step", steps: Some("[]") },
        Difference { id: "htmlfile/unicode", reason: "misspelt", steps: Some("[{}]") },
        Difference { id: "htmlfile/nothing", reason: "stray", steps: None },
    ];

    #[test]
    fn differences_replace_or_drop_cases_and_wrong_ones_are_reported() {
        let (jobs, wrong) = plan(cases().unwrap(), "htmlfile", &OVERRIDES);
        let jobs: Vec<_> =
            jobs.iter().map(|(case, script)| (case.id.as_str(), script.steps.len())).collect();
        assert_eq!(jobs, [("htmlfile/payload", 0)]);
        assert_eq!(wrong.len(), 2, "{wrong:?}");
        assert_eq!(wrong[0], "no case is called htmlfile/nothing");
        assert!(wrong[1].starts_with("the other steps of htmlfile/unicode: "), "{}", wrong[1]);
    }

    #[tokio::test]
    async fn a_group_returns_how_many_cases_it_played() {
        let nowhere = async |_: &Value| std::net::SocketAddr::from(([127, 0, 0, 1], 0));
        assert_eq!(run_group(nowhere, "htmlfile/payload", &OVERRIDES[..2]).await, 1);
        assert_eq!(run_group(nowhere, "htmlfile/connect", &OVERRIDES[..2]).await, 0);
        assert_eq!(run_group(nowhere, "no such group", &[]).await, 0);
    }

    #[tokio::test]
    async fn a_failed_group_panics_with_every_failure() {
        let nowhere = async |_: &Value| std::net::SocketAddr::from(([127, 0, 0, 1], 0));
        let run = tokio::spawn(async move { run_group(nowhere, "htmlfile", &OVERRIDES).await });
        let panic = run.await.unwrap_err().into_panic();
        let message = panic.downcast::<String>().unwrap();
        assert!(message.starts_with("htmlfile: 2 failures, 1 cases\n"), "{message}");
        assert!(message.contains("htmlfile/nothing") && message.contains("htmlfile/unicode"));
    }
}
