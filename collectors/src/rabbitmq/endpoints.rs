//! Where each node's Prometheus endpoint is, concluded from what the cluster says about its listeners.

use std::net::IpAddr;

use reqwest::Url;

use super::wire::Listener;

/// The port of the Prometheus plugin where nobody says otherwise.
const DEFAULT_PORT: u16 = 15_692;

/// A Prometheus endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// Ends with a slash.
    pub root: Url,
    /// Whose it should be; a configured one tells when it answers.
    pub node: Option<String>,
}

/// A node whose management address is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seat {
    pub node: String,
    pub management: Url,
}

/// The endpoints to ask. `configured` ones win; otherwise the listeners tell, which only users who may see nodes get;
/// otherwise the default port beside each management address is tried.
pub fn endpoints(configured: &[Url], management: &[Url], listeners: &[Listener], seats: &[Seat]) -> Vec<Endpoint> {
    if !configured.is_empty() {
        return configured
            .iter()
            .map(|root| Endpoint {
                root: root.clone(),
                node: None,
            })
            .collect();
    }
    if listeners.is_empty() {
        let beside = management
            .iter()
            .filter_map(|url| at(url, "http", url.host_str()?, DEFAULT_PORT));
        return beside.map(|root| Endpoint { root, node: None }).collect();
    }
    let mut found: Vec<Endpoint> = Vec::new();
    for listener in listeners
        .iter()
        .filter(|listener| listener.protocol.ends_with("/prometheus"))
    {
        let known = found
            .iter()
            .any(|endpoint| endpoint.node.as_deref() == Some(&listener.node));
        if let Some(root) = address(listener, management, seats).filter(|_| !known) {
            found.push(Endpoint {
                root,
                node: Some(listener.node.clone()),
            });
        }
    }
    found
}

/// The address of a listener as seen from here: the host by which the node's management is reached, the address it
/// listens on, or the host in its name, whichever is known first.
fn address(listener: &Listener, management: &[Url], seats: &[Seat]) -> Option<Url> {
    let tls = listener.tls || listener.protocol.starts_with("https");
    let scheme = if tls { "https" } else { "http" };
    let port = listener.port.filter(|port| (1.0..=65_535.0).contains(port))? as u16;
    let base = management.first()?;
    if let Some(seat) = seats.iter().find(|seat| seat.node == listener.node) {
        return at(base, scheme, seat.management.host_str()?, port);
    }
    let listens_on = listener
        .ip_address
        .parse::<IpAddr>()
        .ok()
        .filter(|ip| !ip.is_unspecified());
    match listens_on {
        // Somebody else's loopback is not ours: what answers here on that port would be another broker.
        Some(ip) if ip.is_loopback() => {
            let here = management.iter().any(is_loopback);
            at(base, scheme, &host_of(ip), port).filter(|_| here)
        }
        Some(ip) => at(base, scheme, &host_of(ip), port),
        None => at(base, scheme, listener.node.split_once('@')?.1, port),
    }
}

fn host_of(ip: IpAddr) -> String {
    match ip {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => format!("[{ip}]"),
    }
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let ip = host.trim_matches(['[', ']']).parse::<IpAddr>();
    host == "localhost" || ip.is_ok_and(|ip| ip.is_loopback())
}

fn at(base: &Url, scheme: &str, host: &str, port: u16) -> Option<Url> {
    let mut url = base.clone();
    url.set_path("/");
    url.set_scheme(scheme).ok()?;
    url.set_host(Some(host)).ok()?;
    url.set_port(Some(port)).ok()?;
    Some(url)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn listener(node: &str, ip: &str, port: u16, tls: bool) -> Listener {
        Listener {
            node: node.into(),
            protocol: if tls {
                "https/prometheus".into()
            } else {
                "http/prometheus".into()
            },
            ip_address: ip.into(),
            port: Some(f64::from(port)),
            tls,
        }
    }

    fn found(management: &[Url], listeners: &[Listener], seats: &[Seat]) -> Vec<String> {
        endpoints(&[], management, listeners, seats)
            .into_iter()
            .map(|endpoint| endpoint.root.to_string())
            .collect()
    }

    #[test]
    fn configured_addresses_win() {
        let configured = [url("http://p:1/")];
        let seen = endpoints(
            &configured,
            &[url("http://m:15672/")],
            &[listener("a@x", "::", 15_692, false)],
            &[],
        );
        assert_eq!(
            seen,
            [Endpoint {
                root: url("http://p:1/"),
                node: None
            }]
        );
    }

    #[test]
    fn without_listeners_the_default_port_is_tried() {
        assert_eq!(found(&[url("https://m:15671/rabbit/")], &[], &[]), ["http://m:15692/"]);
    }

    #[test]
    fn a_listener_is_reached_by_the_host_that_is_known_to_work() {
        let management = [url("http://lb.example:15672/")];
        let seats = [Seat {
            node: "rabbit@a".into(),
            management: url("http://a.public:15672/"),
        }];
        let listeners = [
            listener("rabbit@a", "::", 15_692, false),
            listener("rabbit@b", "0.0.0.0", 15_692, false),
            listener("rabbit@c", "10.0.0.3", 9_090, true),
            listener("rabbit@d", "fd00::4", 15_692, false),
            listener("rabbit@e", "127.0.0.1", 15_692, false),
            Listener {
                protocol: "amqp".into(),
                ..listener("rabbit@f", "::", 5_672, false)
            },
        ];
        let expected = [
            "http://a.public:15692/",
            "http://b:15692/",
            "https://10.0.0.3:9090/",
            "http://[fd00::4]:15692/",
        ];
        assert_eq!(found(&management, &listeners, &seats), expected);
    }

    #[test]
    fn a_loopback_listener_is_ours_when_the_broker_is() {
        let listeners = [
            listener("c1@localhost", "127.0.0.1", 1, false),
            listener("c2@localhost", "127.0.0.1", 2, false),
        ];
        let expected = ["http://127.0.0.1:1/", "http://127.0.0.1:2/"];
        assert_eq!(found(&[url("http://127.0.0.1:15672/")], &listeners, &[]), expected);
        assert_eq!(
            found(&[url("http://rabbit.example:15672/")], &listeners, &[]),
            Vec::<String>::new()
        );
    }
}
