//! How many sessions one address has.
//!
//! A handshake takes a place, which stands in the store with its session: dropping it gives it back. An address that has
//! none takes no memory.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Bits of an IPv6 address that name a host, or nobody: all of them are one customer's.
const HOST_BITS: u32 = 64;

/// The places that are taken, by network.
#[derive(Default)]
pub(crate) struct Places(Mutex<HashMap<IpAddr, usize>>);

/// A place that is taken.
pub(crate) struct Place {
    places: Arc<Places>,
    network: IpAddr,
}

impl Places {
    /// Takes one of `max`, if one is left.
    pub(crate) fn take(this: &Arc<Self>, address: IpAddr, max: usize) -> Option<Place> {
        let network = network(address);
        let mut taken = this.lock();
        if taken.get(&network).is_some_and(|taken| *taken >= max) || max == 0 {
            return None;
        }
        *taken.entry(network).or_default() += 1;
        drop(taken);
        Some(Place { places: Arc::clone(this), network })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = self.places.lock();
        if let Some(count) = taken.get_mut(&self.network) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&self.network);
            }
        }
    }
}

/// Whom an address belongs to.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> HOST_BITS << HOST_BITS))
        }
        address => address,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_has_so_many_places_and_gets_them_back() {
        let places = Arc::default();
        let take = |address: &str| Places::take(&places, address.parse().unwrap(), 2);
        let first = (take("2001:db8::1").unwrap(), take("2001:db8::2:0:0:2").unwrap());
        assert!(take("2001:db8::3").is_none());
        let (_others, mapped) =
            ((take("2001:db8:1::1"), take("10.0.0.1")), take("::ffff:10.0.0.1"));
        assert!(mapped.is_some() && take("10.0.0.1").is_none());
        drop(first);
        assert!(take("2001:db8::3").is_some());
        drop((_others, mapped));
        assert!(places.lock().is_empty());
    }
}
