//! Where webhooks may lead: to public addresses over https. An agency chooses the address and this server calls it from inside
//! its own network, so everything that is not public is refused, when a webhook is saved and again at each connection.

use std::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    time::Duration,
};

use reqwest::{
    Url,
    dns::{Name, Resolve, Resolving},
};

/// How long the name service may take to answer.
const RESOLVING: Duration = Duration::from_secs(5);
/// Longer addresses are accepted by hardly any server.
const LONGEST: usize = 2_048;

/// Which addresses may be called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct AddressRule {
    /// `WEBHOOK_ALLOW_LOOPBACK`: this machine too, also over plain HTTP. For development and tests.
    pub(crate) allows_loopback: bool,
}

/// Why an address is not called.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum AddressError {
    /// It is not an https address, or contains something that is not allowed.
    #[error("not an https address without credentials and fragment")]
    NotHttps,
    /// It leads to an address that is not public.
    #[error("not a public address")]
    NotPublic,
    /// The name has no address, or the name service did not answer in time.
    #[error("the name has no address")]
    Unknown,
}

impl AddressRule {
    /// The address of a webhook, if it may be called as far as the text alone shows. What a name resolves to is checked later, by
    /// the resolver.
    pub(crate) fn parse(self, text: &str) -> Result<Url, AddressError> {
        let url = Url::parse(text).map_err(|_| AddressError::NotHttps)?;
        let host = url.host().ok_or(AddressError::NotHttps)?;
        let has_secrets = !url.username().is_empty() || url.password().is_some();
        if text.len() > LONGEST || has_secrets || url.fragment().is_some() {
            return Err(AddressError::NotHttps);
        }
        let literal = match host {
            url::Host::Ipv4(address) => Some(IpAddr::V4(address)),
            url::Host::Ipv6(address) => Some(IpAddr::V6(address)),
            url::Host::Domain(_) => None,
        };
        let is_this_machine = literal.map_or_else(
            || is_local_name(url.host_str().unwrap_or_default()),
            |address| address.to_canonical().is_loopback(),
        );
        match url.scheme() {
            "https" => {}
            "http" if self.allows_loopback && is_this_machine => {}
            _ => return Err(AddressError::NotHttps),
        }
        match literal {
            Some(address) if !self.permits(address) => Err(AddressError::NotPublic),
            None if is_this_machine && !self.allows_loopback => Err(AddressError::NotPublic),
            _ => Ok(url),
        }
    }

    /// The host of an address, for the log of activities.
    pub(crate) fn host(text: &str) -> String {
        let url = Url::parse(text).ok();
        let host = url.as_ref().and_then(Url::host_str);
        host.unwrap_or_default().to_owned()
    }

    /// Whether an address may be connected to.
    pub(crate) fn permits(self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        if address.is_loopback() {
            return self.allows_loopback;
        }
        match address {
            IpAddr::V4(address) => is_public_v4(address),
            IpAddr::V6(address) => is_public_v6(address),
        }
    }

    /// The addresses of a name, if all of them may be connected to. A name that resolves to both kinds is meant to deceive.
    pub(crate) async fn resolve(self, name: &str) -> Result<Vec<SocketAddr>, AddressError> {
        let looked_up = tokio::net::lookup_host((name, 0));
        let found: Vec<SocketAddr> = match tokio::time::timeout(RESOLVING, looked_up).await {
            Ok(Ok(found)) => found.collect(),
            Ok(Err(_)) | Err(_) => return Err(AddressError::Unknown),
        };
        if found.is_empty() {
            return Err(AddressError::Unknown);
        }
        if found.iter().all(|address| self.permits(address.ip())) {
            Ok(found)
        } else {
            Err(AddressError::NotPublic)
        }
    }
}

/// The connection goes to the addresses that were checked: a name that resolves to others a moment later gains nothing.
impl Resolve for AddressRule {
    fn resolve(&self, name: Name) -> Resolving {
        let rule = *self;
        Box::pin(async move {
            let found = AddressRule::resolve(rule, name.as_str()).await?;
            Ok(Box::new(found.into_iter()) as Box<dyn Iterator<Item = SocketAddr> + Send>)
        })
    }
}

impl fmt::Display for AddressRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.allows_loopback {
            "alamat https, atau http ke komputer ini sendiri"
        } else {
            "alamat https yang dapat dijangkau dari internet"
        })
    }
}

/// Names that mean this machine or its network by convention, whatever the name service says.
fn is_local_name(name: &str) -> bool {
    let name = name.trim_end_matches('.').to_ascii_lowercase();
    ["localhost", "local", "internal", "localdomain"]
        .iter()
        .any(|end| {
            name == *end
                || name
                    .strip_suffix(end)
                    .is_some_and(|rest| rest.ends_with('.'))
        })
}

/// Not of the special-purpose registry of IANA (RFC 6890 and what was added to it).
fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    let is_special = a == 0
        || address.is_private()
        || address.is_link_local()
        || address.is_broadcast()
        || address.is_documentation()
        // Shared by a provider's customers.
        || (a == 100 && (64..128).contains(&b))
        // Assignments of the IETF, and the retired relays of 6to4.
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        // Measurements between networks.
        || (a == 198 && (18..20).contains(&b))
        // Multicast, and what is reserved.
        || a >= 224;
    !is_special
}

/// Of the one range that is public, without the parts of it that carry an IPv4 address, are for documentation, or are not routed.
fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    let is_unicast = (a & 0xE000) == 0x2000;
    let is_special = (a == 0x2001 && (b < 0x0200 || b == 0x0DB8)) || a == 0x2002 || a == 0x3FFF;
    is_unicast && !is_special
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRICT: AddressRule = AddressRule {
        allows_loopback: false,
    };
    const LOOSE: AddressRule = AddressRule {
        allows_loopback: true,
    };

    #[test]
    fn only_public_addresses_are_permitted_however_they_are_written() {
        for address in [
            "0.0.0.0",
            "10.1.2.3",
            "100.64.0.1",
            "127.0.0.1",
            "127.9.9.9",
            "169.254.169.254",
            "172.16.0.1",
            "172.31.255.255",
            "192.0.0.8",
            "192.0.2.1",
            "192.168.1.1",
            "198.18.0.1",
            "198.51.100.1",
            "203.0.113.9",
            "224.0.0.1",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
            "64:ff9b::7f00:1",
            "64:ff9b:1::a00:1",
            "fc00::1",
            "fd00:ec2::254",
            "fe80::1",
            "fec0::1",
            "ff02::1",
            "2001::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "3fff::1",
            "100::1",
        ] {
            let parsed: IpAddr = address.parse().unwrap();
            assert!(!STRICT.permits(parsed), "{address}");
            assert_eq!(
                LOOSE.permits(parsed),
                parsed.to_canonical().is_loopback(),
                "{address}"
            );
        }
        for address in [
            "1.1.1.1",
            "8.8.8.8",
            "100.63.0.1",
            "172.32.0.1",
            "192.0.1.1",
            "198.20.0.1",
            "::ffff:8.8.8.8",
            "2606:4700::1111",
            "2001:4860:4860::8888",
            "2400:cb00::1",
        ] {
            assert!(STRICT.permits(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn addresses_of_webhooks_are_https_and_lead_outside() {
        for text in [
            "https://example.com/hook?from=hijrah",
            "https://example.com:8443/",
            "https://8.8.8.8/",
            "https://[2606:4700::1111]/",
            "https://notlocalhost/",
            "https://mylocal/",
        ] {
            assert!(STRICT.parse(text).is_ok(), "{text}");
        }
        for text in [
            "",
            "example.com",
            "http://example.com/",
            "ftp://example.com/",
            "file:///etc/passwd",
            "https://",
            "https://user@example.com/",
            "https://user:pass@example.com/",
            "https://example.com/#part",
            "javascript:alert(1)",
            "gopher://example.com/",
        ] {
            assert_eq!(STRICT.parse(text), Err(AddressError::NotHttps), "{text}");
        }
        let long = format!("https://example.com/{}", "a".repeat(LONGEST));
        assert_eq!(STRICT.parse(&long), Err(AddressError::NotHttps));
        for text in [
            "https://127.0.0.1/",
            "https://127.1/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://0177.0.0.1/",
            "https://0/",
            "https://localhost/",
            "https://LOCALHOST./",
            "https://api.localhost/",
            "https://printer.local/",
            "https://metadata.google.internal/",
            "https://[::1]/",
            "https://[::ffff:127.0.0.1]/",
            "https://[::ffff:7f00:1]/",
            "https://169.254.169.254/latest/meta-data",
            "https://10.0.0.1/",
            "https://[fe80::1]/",
            "https://[64:ff9b::169.254.169.254]/",
            "https://１２７.0.0.1/",
        ] {
            assert_eq!(STRICT.parse(text), Err(AddressError::NotPublic), "{text}");
        }
    }

    #[test]
    fn the_setting_for_development_opens_this_machine_and_nothing_else() {
        for text in [
            "http://127.0.0.1:9/",
            "http://localhost:9/",
            "http://[::1]/",
            "https://localhost/",
        ] {
            assert!(LOOSE.parse(text).is_ok(), "{text}");
            assert!(STRICT.parse(text).is_err(), "{text}");
        }
        for text in [
            "http://example.com/",
            "http://10.0.0.1/",
            "http://169.254.169.254/",
        ] {
            assert!(LOOSE.parse(text).is_err(), "{text}");
        }
        assert_eq!(
            LOOSE.parse("https://10.0.0.1/"),
            Err(AddressError::NotPublic)
        );
    }

    #[tokio::test]
    async fn what_a_name_leads_to_is_looked_at_when_it_is_connected_to() {
        assert_eq!(
            STRICT.resolve("localhost").await,
            Err(AddressError::NotPublic)
        );
        let found = LOOSE.resolve("localhost").await.unwrap();
        assert!(found.iter().all(|address| address.ip().is_loopback()));
        assert_eq!(
            STRICT.resolve("no-such-name.invalid").await,
            Err(AddressError::Unknown)
        );
    }
}
