//! The client's address of a request. A proxy's header is used only if the proxy is configured as trusted.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use actix_web::http::header::{HeaderMap, HeaderName};
use ipnet::IpNet;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");

/// The address nearest to the client that a trusted hop vouches for.
///
/// Reads `X-Forwarded-For` from its right end, where the nearest proxy wrote, and stops at the first address that is not
/// a trusted proxy: anything to the left of it may be forged by the client.
pub(crate) fn client_address(
    peer: Option<SocketAddr>,
    headers: &HeaderMap,
    trusted: &[IpNet],
) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|net| net.contains(address));
    let mut address = peer.map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |peer| {
        peer.ip().to_canonical()
    });
    let hops = headers
        .get_all(FORWARDED_FOR)
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .map(|hop| hop.trim().parse::<IpAddr>())
        .collect::<Vec<_>>();
    for hop in hops.into_iter().rev() {
        if !is_trusted(&address) {
            break;
        }
        match hop {
            Ok(hop) => address = hop.to_canonical(),
            Err(_) => break,
        }
    }
    address
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn check(peer: &str, forwarded: &[&str], trusted: &[&str], expected: &str) {
        let mut headers = HeaderMap::new();
        for value in forwarded {
            headers.append(FORWARDED_FOR, HeaderValue::from_str(value).unwrap());
        }
        let trusted: Vec<IpNet> = trusted.iter().map(|net| net.parse().unwrap()).collect();
        let peer = SocketAddr::new(peer.parse().unwrap(), 4711);
        assert_eq!(
            client_address(Some(peer), &headers, &trusted).to_string(),
            expected
        );
    }

    #[test]
    fn ignores_the_header_of_an_untrusted_peer() {
        check("203.0.113.9", &["198.51.100.1"], &[], "203.0.113.9");
        check(
            "203.0.113.9",
            &["198.51.100.1"],
            &["10.0.0.0/8"],
            "203.0.113.9",
        );
    }

    #[test]
    fn takes_the_last_address_that_a_trusted_proxy_wrote() {
        let proxies = &["10.0.0.0/8"];
        check("10.0.0.1", &["198.51.100.1"], proxies, "198.51.100.1");
        check(
            "10.0.0.1",
            &["6.6.6.6, 198.51.100.1"],
            proxies,
            "198.51.100.1",
        );
        check(
            "10.0.0.1",
            &["6.6.6.6", "198.51.100.1, 10.0.0.2"],
            proxies,
            "198.51.100.1",
        );
        check(
            "::ffff:10.0.0.1",
            &["198.51.100.1"],
            proxies,
            "198.51.100.1",
        );
    }

    #[test]
    fn stops_at_what_is_no_address() {
        check(
            "10.0.0.1",
            &["198.51.100.1, unknown"],
            &["10.0.0.0/8"],
            "10.0.0.1",
        );
        check("10.0.0.1", &[], &["10.0.0.0/8"], "10.0.0.1");
    }
}
