//! The name of an application behind a client, the same for all its instances and over restarts.

use std::collections::BTreeMap;

use crate::pulsar::functions::Id;
use crate::pulsar::wire::{Consumer, Publisher};

/// Who a client is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    Service(String),
    /// A function, source or sink that Pulsar runs.
    Component(Id),
    /// The replicator of another cluster, by that cluster's name.
    Replicator(String),
}

/// Properties under which applications name themselves, the clearest first.
const PROPERTIES: [&str; 5] = ["service.name", "service", "application", "app", "app.name"];

/// Java and C++ clients make up `cluster-3-17` for a producer without a name.
pub fn of_publisher(publisher: &Publisher) -> Who {
    let replicator = publisher.producer_name.strip_prefix("pulsar.repl.");
    if let Some(names) = replicator {
        let remote = names.split("-->").next().unwrap_or(names);
        return Who::Replicator(remote.into());
    }
    let own = own_name(&publisher.metadata, publisher.client_version.as_deref());
    own.unwrap_or_else(|| {
        let name = publisher.producer_name.as_str();
        let name = if is_made_up(name) {
            host(publisher.address.as_deref())
        } else {
            name
        };
        Who::Service(name.into())
    })
}

/// A consumer that does not say who it is goes by its subscription, which applications share with nobody.
pub fn of_consumer(consumer: &Consumer, subscription: &str) -> Who {
    own_name(&consumer.metadata, consumer.client_version.as_deref())
        .unwrap_or_else(|| Who::Service(subscription.into()))
}

/// The host of `/10.0.0.7:52814`; the port differs for each connection.
pub fn host(address: Option<&str>) -> &str {
    let address = address.unwrap_or("unknown").trim_start_matches('/');
    address.rsplit_once(':').map_or(address, |(host, _)| host)
}

fn own_name(metadata: &BTreeMap<String, String>, client_version: Option<&str>) -> Option<Who> {
    // Pulsar's own functions and connectors say so.
    if let Some("pulsar-sink" | "pulsar-source" | "pulsar-function") = metadata.get("application").map(String::as_str) {
        return metadata.get("id").and_then(|id| Id::parse(id)).map(Who::Component);
    }
    let given = PROPERTIES
        .iter()
        .find_map(|key| metadata.get(*key))
        .map(|name| name.trim());
    let given = given.filter(|name| !name.is_empty());
    given
        .or_else(|| client_version.and_then(description))
        .map(|name| Who::Service(name.into()))
}

/// The description that an application gave its client: `Pulsar-Java-v4.0.7-checkout`.
fn description(client_version: &str) -> Option<&str> {
    let (_, version) = client_version.strip_prefix("Pulsar-")?.split_once("-v")?;
    let (_, description) = version.split_once('-')?;
    let is_release = ["SNAPSHOT", "candidate", "rc", "M"]
        .iter()
        .any(|word| description.starts_with(word) && !description.contains(' '));
    (!description.is_empty() && !is_release).then_some(description)
}

fn is_made_up(producer: &str) -> bool {
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let mut parts = producer.rsplitn(3, '-');
    let two = (parts.next().is_some_and(is_number), parts.next().is_some_and(is_number));
    producer.is_empty() || (two == (true, true) && parts.next().is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn publisher(name: &str, metadata: &[(&str, &str)], version: &str) -> Publisher {
        Publisher {
            producer_name: name.into(),
            address: Some("/10.0.0.7:52814".into()),
            client_version: Some(version.into()),
            metadata: metadata.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect(),
            ..Publisher::default()
        }
    }

    #[test]
    fn producers_go_by_the_clearest_name_that_they_give() {
        let service = |name: &str| Who::Service(name.into());
        let java = "Pulsar-Java-v4.0.7";
        for (publisher, expected) in [
            (publisher("till", &[], java), service("till")),
            (publisher("east-3-17", &[], java), service("10.0.0.7")),
            (publisher("till-17", &[], java), service("till-17")),
            (publisher("", &[], java), service("10.0.0.7")),
            (
                publisher("east-3-17", &[("app", "checkout")], java),
                service("checkout"),
            ),
            (publisher("x", &[], "Pulsar-Java-v4.0.7-checkout"), service("checkout")),
            (publisher("x", &[], "Pulsar-Java-v4.1.0-SNAPSHOT"), service("x")),
            (
                publisher("pulsar.repl.west-->east", &[], java),
                Who::Replicator("west".into()),
            ),
            (
                publisher("a-1-2", &[("application", "pulsar-source"), ("id", "t/n/jdbc")], java),
                Who::Component(Id::parse("t/n/jdbc").unwrap()),
            ),
            (
                publisher("a-1-2", &[("application", "pulsar-function"), ("id", "t/n/f")], java),
                Who::Component(Id::parse("t/n/f").unwrap()),
            ),
        ] {
            assert_eq!(of_publisher(&publisher), expected, "{publisher:?}");
        }
    }

    #[test]
    fn a_nameless_consumer_goes_by_its_subscription() {
        assert_eq!(
            of_consumer(&Consumer::default(), "billing"),
            Who::Service("billing".into())
        );
    }

    #[test]
    fn hosts_are_without_ports() {
        for (address, expected) in [
            (Some("/10.0.0.7:52814"), "10.0.0.7"),
            (Some("/[fd00::1]:52814"), "[fd00::1]"),
            (None, "unknown"),
        ] {
            assert_eq!(host(address), expected);
        }
    }
}
