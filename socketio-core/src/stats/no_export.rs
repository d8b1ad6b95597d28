//! In place of `export` without the feature `metrics`: takes the same events, and does and costs nothing.
//!
//! Called by `stats` alone.

pub(super) struct Sessions;

impl Sessions {
    pub(super) fn new(_: &'static str) -> Self {
        Self
    }

    pub(super) fn opened(&self) {}

    pub(super) fn closed(&self) {}
}

pub(super) struct Connections;

impl Connections {
    pub(super) fn new(_: &'static str) -> Self {
        Self
    }

    pub(super) fn opened(&self) {}

    pub(super) fn closed(&self) {}

    pub(super) fn sent(&self, _: usize) {}

    pub(super) fn received(&self, _: usize) {}
}

pub(super) struct Ends;

impl Ends {
    pub(super) fn new(_: &'static str) -> Self {
        Self
    }

    pub(super) fn session(&self) {}

    pub(super) fn endpoint(&self) {}
}

pub(super) struct Rejections;

impl Rejections {
    pub(super) fn new() -> Self {
        Self
    }

    pub(super) fn refused(&self) {}

    pub(super) fn throttled(&self) {}

    pub(super) fn crowded_out(&self, _: super::Crowd) {}

    pub(super) fn limit_hit(&self, _: super::Limit) {}

    pub(super) fn unknown_session(&self) {}

    pub(super) fn turned_away(&self) {}
}
