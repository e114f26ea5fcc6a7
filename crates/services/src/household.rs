//! Which addresses count as one client: an IPv6 customer has a whole /64 to choose from.

use std::net::{IpAddr, Ipv6Addr};

/// The address, or the network of an IPv6 one. An IPv4-mapped IPv6 address counts as its IPv4 address.
#[must_use]
pub fn household(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => address.into(),
        IpAddr::V6(address) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    }
}
