//! The limits that a client comes to without losing its session: each is counted, by its name.
//!
//! Whoever holds a client to one names it here; `docs/security.md` has what each is and what happens then.

/// A limit that was hit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Limit {
    /// Headers and query of a handshake.
    Head,
    /// Bytes of a POST.
    Body,
    /// Time for a POST.
    BodyTime,
    /// Name, query and auth of an endpoint's connect.
    Connect,
    /// Endpoints of one client.
    Endpoints,
    /// Endpoints whose names clients choose, of all clients.
    DynamicEndpoints,
    /// Packets ahead of their endpoint's connect.
    Early,
    /// Bytes of an event's name.
    EventName,
    /// Acknowledgements awaited.
    PendingAcks,
    /// Rooms of one connection.
    Rooms,
    /// Events that wait or run.
    Queue,
    /// What can leave at once, for what is volatile.
    Volatile,
    /// How deep values may be nested that are sent in MessagePack.
    Depth,
}

impl Limit {
    /// All of them, each at its number.
    pub(crate) const ALL: [Self; 13] = [
        Self::Head,
        Self::Body,
        Self::BodyTime,
        Self::Connect,
        Self::Endpoints,
        Self::DynamicEndpoints,
        Self::Early,
        Self::EventName,
        Self::PendingAcks,
        Self::Rooms,
        Self::Queue,
        Self::Volatile,
        Self::Depth,
    ];

    /// Its name in figures and in the log.
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::Head => "head",
            Self::Body => "body",
            Self::BodyTime => "body time",
            Self::Connect => "connect",
            Self::Endpoints => "endpoints",
            Self::DynamicEndpoints => "dynamic endpoints",
            Self::Early => "early packets",
            Self::EventName => "event name",
            Self::PendingAcks => "pending acks",
            Self::Rooms => "rooms",
            Self::Queue => "queue",
            Self::Volatile => "volatile",
            Self::Depth => "depth",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Limit;

    #[test]
    fn each_limit_has_its_place_and_its_name() {
        for (place, limit) in Limit::ALL.into_iter().enumerate() {
            assert_eq!(limit as usize, place);
            let same = Limit::ALL.iter().filter(|it| it.as_str() == limit.as_str());
            assert_eq!(same.count(), 1, "{limit:?}");
        }
    }
}
