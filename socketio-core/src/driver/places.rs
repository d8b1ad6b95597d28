//! How many sessions there are, and how many one address has.
//!
//! A handshake takes a place, which stands in the store with its session: dropping it gives it back. An address that has
//! none takes no memory, nor does one that is not counted.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Arc, PoisonError};

use crate::sync::atomic::{AtomicU64, Ordering::Relaxed};
use crate::sync::{Mutex, MutexGuard};

/// Bits of an IPv6 address that name a host, or nobody: all of them are one customer's.
const HOST_BITS: u32 = 64;

/// The places that are taken, in all, and by network.
#[derive(Default)]
pub(crate) struct Places {
    all: AtomicU64,
    networks: Mutex<HashMap<IpAddr, usize>>,
}

/// A place that is taken.
pub(crate) struct Place {
    places: Arc<Places>,
    /// Whose it is, where that is counted.
    network: Option<Box<IpAddr>>,
}

impl Places {
    /// Takes one of `max`, if one is left.
    pub(crate) fn take(this: &Arc<Self>, max: u64) -> Option<Place> {
        let one_more = |taken| (taken < max).then_some(taken + 1);
        this.all.fetch_update(Relaxed, Relaxed, one_more).ok()?;
        Some(Place { places: Arc::clone(this), network: None })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<IpAddr, usize>> {
        self.networks.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Makes it one of the address's `max`, if one is left.
    pub(crate) fn count_for(&mut self, address: IpAddr, max: usize) -> bool {
        let network = network(address);
        let mut taken = self.places.lock();
        if taken.get(&network).is_some_and(|taken| *taken >= max) || max == 0 {
            return false;
        }
        *taken.entry(network).or_default() += 1;
        drop(taken);
        self.network = Some(Box::new(network));
        true
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.all.fetch_sub(1, Relaxed);
        let Some(network) = &self.network else { return };
        let mut taken = self.places.lock();
        if let Some(count) = taken.get_mut(&**network) {
            *count -= 1;
            if *count == 0 {
                taken.remove(&**network);
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
        let take = |address: &str| {
            let mut place = Places::take(&places, 10).unwrap();
            place.count_for(address.parse().unwrap(), 2).then_some(place)
        };
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

    #[test]
    fn there_are_so_many_places_in_all_and_one_that_an_address_can_not_have_is_given_back() {
        let places = Arc::default();
        let mut taken: Vec<_> = (0..3).map_while(|_| Places::take(&places, 2)).collect();
        assert_eq!(taken.len(), 2);
        taken.retain_mut(|place| place.count_for([10, 0, 0, 1].into(), 1));
        assert_eq!((taken.len(), Places::take(&places, 2).is_some()), (1, true));
        drop(taken);
        assert_eq!(places.all.load(Relaxed), 0);
    }
}
