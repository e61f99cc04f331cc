//! How many viewers' sockets may come, from one address and in all: enough for a human on a bad
//! network, too few to keep agent and relay busy.
//!
//! Only sockets with the right token are counted: a stranger can't use up a human's share.

use alloc::vec::Vec;
use core::{
    net::{IpAddr, Ipv6Addr},
    time::Duration,
};

use super::pace::{Pace, Rate};
use crate::time::Timestamp;

/// New sockets of one address.
const PER_ADDRESS: Rate = Rate {
    burst: 10,
    every: Duration::from_secs(2),
};

/// New sockets of all addresses. It bounds what is remembered too: an address is forgotten when it
/// has rested.
const IN_ALL: Rate = Rate {
    burst: 64,
    every: Duration::from_millis(125),
};

/// Who came lately.
#[derive(Default)]
pub(super) struct Door {
    all: Pace,
    lately: Vec<(IpAddr, Pace)>,
}

impl Door {
    /// Counts one new socket, or says that it is one too many.
    pub(super) fn lets_in(&mut self, now: Timestamp, address: IpAddr) -> bool {
        let address = neighbourhood(address);
        self.lately.retain(|(_, pace)| !pace.is_rested(now));
        let known = self.lately.iter_mut().find(|(known, _)| *known == address);
        match known {
            Some((_, pace)) => {
                let mut counted = *pace;
                let passes = counted.allows(now, PER_ADDRESS) && self.all.allows(now, IN_ALL);
                if passes {
                    *pace = counted;
                }
                passes
            }
            None => {
                let mut pace = Pace::default();
                let passes = self.all.allows(now, IN_ALL) && pace.allows(now, PER_ADDRESS);
                if passes {
                    self.lately.push((address, pace));
                }
                passes
            }
        }
    }
}

/// Returns what stands for whoever owns an address: an IPv6 network of 64 bits has one owner.
fn neighbourhood(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use core::net::Ipv4Addr;

    use super::*;

    fn at(millis: u64) -> Timestamp {
        Timestamp::from_millis(millis)
    }

    fn address(text: &str) -> IpAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn one_who_knocks_too_often_does_not_shut_others_out() {
        let mut door = Door::default();
        let (one, other) = (address("192.0.2.1"), address("192.0.2.2"));
        for _ in 0..10 {
            assert!(door.lets_in(at(0), one));
        }
        for _ in 0..1_000 {
            assert!(!door.lets_in(at(0), one));
        }
        assert!(door.lets_in(at(0), other));
        assert!(!door.lets_in(at(1_999), one));
        assert!(door.lets_in(at(2_000), one));
    }

    #[test]
    fn addresses_of_one_owner_count_as_one() {
        let mut door = Door::default();
        for host in 1..=10_u16 {
            let address = Ipv6Addr::new(0x2001, 0xdb8, 0, 1, 0, 0, 0, host);
            assert!(door.lets_in(at(0), address.into()));
        }
        assert!(!door.lets_in(at(0), address("2001:db8:0:1:ffff::1")));
        assert!(door.lets_in(at(0), address("2001:db8:0:2::1")));
        assert_eq!(
            neighbourhood(address("::ffff:192.0.2.1")),
            address("192.0.2.1")
        );
    }

    #[test]
    fn a_crowd_from_everywhere_is_bounded_and_forgotten() {
        let mut door = Door::default();
        let mut most = 0;
        for number in 0..200_000_u32 {
            let now = at(u64::from(number) / 4);
            door.lets_in(now, Ipv4Addr::from(number).into());
            most = most.max(door.lately.len());
        }
        assert!((64..256).contains(&most), "{most}");
        assert!(door.lets_in(at(100_000), address("192.0.2.1")));
        assert_eq!(door.lately.len(), 1);
    }
}
