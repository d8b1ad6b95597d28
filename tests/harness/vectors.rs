//! The recorded sessions of Socket.IO 0.9.19, from `wire/legacy-vectors.json`.
//!
//! In: a group. Out: its cases, with the steps that a correct server must follow. The file says how
//! it was recorded, and what its words mean (`meta`).

use serde::Deserialize;
use serde_json::Value;

use crate::script::Script;

/// The file, as text.
pub const LEGACY: &str = include_str!("../wire/legacy-vectors.json");

/// One recorded session.
#[derive(Debug, Clone, Deserialize)]
pub struct Case {
    /// Group and name, such as `xhr/two-polls`.
    pub id: String,
    /// How closely it must be followed.
    pub class: Class,
    /// The settings of the reference server that differ from its defaults, in its own names.
    pub server_settings: Value,
    steps: Script,
    desired_steps: Option<Script>,
}

/// How closely a server must follow a recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Exactly.
    Must,
    /// This way or another sensible one.
    Lenient,
    /// Not at all: other steps are given.
    OfficialBug,
}

impl Case {
    /// The steps that a correct server must follow.
    #[must_use]
    pub fn script(&self) -> &Script {
        let desired = self.desired_steps.as_ref();
        desired.filter(|_| self.class == Class::OfficialBug).unwrap_or(&self.steps)
    }

    /// The steps as the reference server answered them.
    #[must_use]
    pub fn recorded(&self) -> &Script {
        &self.steps
    }

    /// Whether the case is called `group`, or its id begins with `group/`.
    #[must_use]
    pub fn is_in(&self, group: &str) -> bool {
        let rest = self.id.strip_prefix(group);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

/// All recorded sessions, in the order of the file.
///
/// # Errors
/// When the file is not what the player understands.
pub fn cases() -> Result<Vec<Case>, serde_json::Error> {
    #[derive(Deserialize)]
    struct File {
        sessions: Vec<Case>,
    }
    serde_json::from_str(LEGACY).map(|file: File| file.sessions)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_step_of_the_file_is_understood_and_every_case_has_its_own_id() {
        let cases = cases().unwrap();
        let ids: BTreeSet<_> = cases.iter().map(|case| &case.id).collect();
        let of = |class| cases.iter().filter(|case| case.class == class).count();
        assert_eq!((cases.len(), ids.len()), (138, 138));
        assert_eq!((of(Class::Must), of(Class::Lenient), of(Class::OfficialBug)), (101, 25, 12));
        let bugs = cases.iter().filter(|case| case.class == Class::OfficialBug);
        assert!(bugs.clone().all(|case| case.desired_steps.is_some()));
    }

    #[test]
    fn a_group_is_the_first_part_of_an_id() {
        let cases = cases().unwrap();
        let count = |group: &str| cases.iter().filter(|case| case.is_in(group)).count();
        assert_eq!(count("ws"), 52);
        assert_eq!(count("ws/echo"), 1);
        assert_eq!(count("w"), 0);
    }
}
