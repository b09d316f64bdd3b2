//! Where brokers are reached, written in one way for all, so that what one connection names can be found as another.
//!
//! Nothing is looked up: two names of one machine are two addresses.

use std::net::IpAddr;

use reqwest::Url;

const LOOPBACK: &str = "localhost";

/// `host:port` in lower case; every loopback address is `localhost`. Brackets around the host may be there or not.
pub fn address(host: &str, port: u16) -> String {
    let host = bare(host);
    match is_loopback(&host) {
        true => format!("{LOOPBACK}:{port}"),
        false if host.contains(':') => format!("[{host}]:{port}"),
        false => format!("{host}:{port}"),
    }
}

/// From `scheme://login@host:port/path` or parts of it; `None` where there is no host, or neither port nor a usual one.
pub fn read(text: &str, usual_port: Option<u16>) -> Option<String> {
    parts(text, usual_port).map(|(host, port)| address(&host, port))
}

/// Host and port of such an address.
pub fn parts(text: &str, usual_port: Option<u16>) -> Option<(String, u16)> {
    let rest = text.split_once("://").map_or(text, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default().trim();
    let place = authority.rsplit_once('@').map_or(authority, |(_, place)| place);
    let (host, port) = match place.rsplit_once(':') {
        // The colons of an address of version 6 stand in brackets.
        Some((host, port)) if !port.contains(']') => (host, Some(port.parse().ok()?)),
        _ => (place, usual_port),
    };
    let host = bare(host);
    (!host.is_empty()).then_some((host, port?))
}

pub fn is_loopback(host: &str) -> bool {
    let host = bare(host);
    host == LOOPBACK || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

/// All addresses of a machine, not one of them: `0.0.0.0` and `::`.
pub fn is_any(host: &str) -> bool {
    bare(host).parse::<IpAddr>().is_ok_and(|ip| ip.is_unspecified())
}

/// What a broker calls by a loopback address is on its own machine. `reached_at` are the hosts by which this broker is
/// reached from here: only where that is one machine is it known which.
pub fn own_machine<'a>(reached_at: &[&'a str]) -> Option<&'a str> {
    let first = *reached_at.first()?;
    let is_same = |host: &&str| bare(host) == bare(first) || is_loopback(host) && is_loopback(first);
    reached_at.iter().all(is_same).then_some(first)
}

/// The hosts of these, each once.
pub fn hosts(urls: &[Url]) -> Vec<&str> {
    let mut hosts: Vec<&str> = urls.iter().filter_map(Url::host_str).collect();
    hosts.sort_unstable();
    hosts.dedup();
    hosts
}

/// Host and port of these, each once.
pub fn of_urls<'a>(urls: impl IntoIterator<Item = &'a Url>) -> Vec<String> {
    let place = |url: &Url| Some(address(url.host_str()?, url.port_or_known_default()?));
    set(urls.into_iter().filter_map(place))
}

/// In an order of their own, each once.
pub fn set(addresses: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut addresses: Vec<String> = addresses.into_iter().collect();
    addresses.sort_unstable();
    addresses.dedup();
    addresses
}

fn bare(host: &str) -> String {
    let host = host.trim().trim_matches(['[', ']']);
    host.strip_suffix('.').unwrap_or(host).to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_place_is_written_in_one_way() {
        for (host, expected) in [
            ("Rabbit-1.Example", "rabbit-1.example:5672"),
            ("rabbit-1.example.", "rabbit-1.example:5672"),
            ("localhost", "localhost:5672"),
            ("127.0.0.1", "localhost:5672"),
            ("127.0.1.1", "localhost:5672"),
            ("::1", "localhost:5672"),
            ("[::1]", "localhost:5672"),
            ("FE80::1", "[fe80::1]:5672"),
            ("10.0.0.7", "10.0.0.7:5672"),
        ] {
            assert_eq!(address(host, 5_672), expected);
        }
    }

    #[test]
    fn an_address_is_read_without_its_login() {
        for (text, usual, expected) in [
            ("nats://me:s3cret@N1.example:4222", None, Some("n1.example:4222")),
            ("n1.example", Some(4_222), Some("n1.example:4222")),
            (
                "pulsar+ssl://p.example:6651/path?token=s3cret",
                None,
                Some("p.example:6651"),
            ),
            ("[::1]:9092", None, Some("localhost:9092")),
            ("[fe80::2]", Some(9_092), Some("[fe80::2]:9092")),
            ("PLAINTEXT://k.example:9092", None, Some("k.example:9092")),
            ("n1.example", None, None),
            ("nats://:4222", None, None),
            ("host:many", Some(1), None),
            ("", Some(1), None),
        ] {
            assert_eq!(read(text, usual).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_loopback_address_is_known_only_on_a_broker_of_one_machine() {
        assert_eq!(own_machine(&["10.0.0.7"]), Some("10.0.0.7"));
        assert_eq!(own_machine(&["localhost", "127.0.0.1"]), Some("localhost"));
        assert_eq!(own_machine(&["a.example", "b.example"]), None);
        assert_eq!(own_machine(&[]), None);
    }

    #[test]
    fn addresses_of_every_interface_are_none_in_particular() {
        assert!(is_any("0.0.0.0") && is_any("::") && is_any("[::]"));
        assert!(!is_any("10.0.0.7") && !is_any("any"));
    }
}
