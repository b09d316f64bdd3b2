//! Where the servers are reached, and which JetStream a stream's origin is in.

use brokerscope_contract::{Elsewhere, Site, System};

use super::config::Config;
use super::gathered::Gathered;
use super::names;
use super::wire::Origin;
use crate::addresses::{self, is_loopback};

const CLIENT_PORT: u16 = 4_222;
/// The account of servers that have no accounts.
const GLOBAL: &str = "$G";

/// As they are configured here, as the servers say themselves, and by the domain of their JetStream.
pub fn addresses(config: &Config, gathered: &Gathered) -> Vec<String> {
    let configured = || {
        let servers = config.servers.iter();
        servers.filter_map(|server| addresses::parts(server, Some(CLIENT_PORT)))
    };
    let monitored = addresses::hosts(&config.monitoring);
    let is_here = configured().any(|(host, _)| is_loopback(&host)) || monitored.iter().any(|host| is_loopback(host));
    let told = gathered.varz.iter().flat_map(|(_, varz)| &varz.connect_urls);
    let told = told
        .filter_map(|url| addresses::parts(url, Some(CLIENT_PORT)))
        // What a server elsewhere calls loopback is its own machine.
        .filter(|(host, _)| is_here || !is_loopback(host));
    let domains = gathered
        .varz
        .iter()
        .filter_map(|(_, varz)| varz.jetstream.config.as_ref());
    let domains = domains.map(|limits| &limits.domain).chain(&config.domain);
    let domains = domains.filter(|domain| !domain.is_empty()).map(|name| domain(name));
    let reached = configured()
        .chain(told)
        .map(|(host, port)| addresses::address(&host, port));
    addresses::set(reached.chain(domains))
}

/// The stream behind another domain's API. Which account it is in is not told: mostly one of the same name, or the one
/// of servers without accounts. Behind any other API it may be anywhere.
pub fn elsewhere(account: &str, origin: &Origin) -> Option<Elsewhere> {
    let api = &origin.external.as_ref()?.api;
    let name = api.strip_prefix("$JS.")?.strip_suffix(".API")?;
    let mut keys = vec![names::stream(account, &origin.name)];
    if account != GLOBAL {
        keys.push(names::stream(GLOBAL, &origin.name));
    }
    Some(Elsewhere {
        system: System::Nats,
        at: Site::Addresses(vec![domain(name)]),
        keys,
    })
}

fn domain(name: &str) -> String {
    format!("domain {name}")
}

#[cfg(test)]
mod tests {
    use brokerscope_contract::{Settings, Timestamp};

    use super::*;
    use crate::nats::access::Level;
    use crate::nats::config;
    use crate::nats::wire::Varz;

    fn gathered(varz: serde_json::Value) -> Gathered {
        let varz: Varz = serde_json::from_value(varz).unwrap();
        let mut gathered = Gathered::new(Timestamp(0), Level::System);
        gathered.varz.push(("n1".into(), varz));
        gathered
    }

    fn at(servers: &[&str]) -> Vec<String> {
        let settings: Settings = serde_json::from_value(serde_json::json!({"servers": servers})).unwrap();
        let config = config::parse(&settings).unwrap_or_else(|problems| panic!("{problems:?}"));
        let varz = serde_json::json!({"connect_urls": ["10.0.0.7:4222", "127.0.0.1:4223"],
            "jetstream": {"config": {"domain": "hub"}}});
        addresses(&config, &gathered(varz))
    }

    #[test]
    fn servers_are_known_by_where_they_are_reached_and_by_their_domain() {
        assert_eq!(
            at(&["nats://N1.example"]),
            ["10.0.0.7:4222", "domain hub", "n1.example:4222"]
        );
        let here = at(&["tls://localhost:4223"]);
        assert_eq!(here, ["10.0.0.7:4222", "domain hub", "localhost:4223"]);
    }

    #[test]
    fn an_origin_in_another_domain_is_that_domains_stream() {
        let of = |account: &str, api: &str| {
            let origin = serde_json::json!({"name": "ORDERS", "external": {"api": api}});
            let origin: Origin = serde_json::from_value(origin).unwrap();
            elsewhere(account, &origin)
        };
        let hub = of("SHOP", "$JS.hub.API").expect("a domain");
        assert_eq!(hub.at, Site::Addresses(vec!["domain hub".into()]));
        assert_eq!(
            hub.keys,
            [names::stream("SHOP", "ORDERS"), names::stream("$G", "ORDERS")]
        );
        assert_eq!(of("$G", "$JS.hub.API").expect("a domain").keys.len(), 1);
        assert_eq!(of("SHOP", "JS.imported"), None, "another account's, by whatever name");
    }
}
