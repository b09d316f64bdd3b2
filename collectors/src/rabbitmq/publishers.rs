//! Which connection publishes to which exchange, as far as RabbitMQ can be made to tell.

use std::collections::{BTreeSet, HashMap};

use brokerscope_contract::Evidence;

use super::map::clients::Publisher;
use super::names::Name;
use super::wire::{Channel, ExchangeTraffic};

/// Exchanges asked for their publishers on one visit; the others have their turn on the next.
pub const EXCHANGES_PER_VISIT: usize = 20;

/// What an exchange says of the channels that publish to it. Only with `rates_mode` detailed; the list is empty
/// otherwise.
pub fn told(exchange: &Name, traffic: &ExchangeTraffic) -> Vec<Publisher> {
    let connections: BTreeSet<&str> = traffic
        .incoming
        .iter()
        .filter_map(|incoming| incoming.channel_details.connection_name.as_deref())
        .collect();
    let publisher = |connection: &str| Publisher {
        exchange: exchange.clone(),
        connection: connection.to_string(),
        evidence: Evidence::Counted,
    };
    connections.into_iter().map(publisher).collect()
}

/// Where only one exchange of a virtual host was ever published to, every channel that publishes there publishes to
/// it. `published_to` are all exchanges with messages from publishers.
pub fn inferred<'a>(published_to: impl Iterator<Item = &'a Name>, channels: &[Channel]) -> Vec<Publisher> {
    let mut only: HashMap<&str, Option<&Name>> = HashMap::new();
    for exchange in published_to {
        only.entry(exchange.vhost.as_str())
            .and_modify(|seen| *seen = None)
            .or_insert(Some(exchange));
    }
    let publishing = channels
        .iter()
        .filter(|channel| channel.message_stats.publish.is_some_and(|n| n > 0.0));
    let found: BTreeSet<(&Name, &str)> = publishing
        .filter_map(|channel| {
            let exchange = (*only.get(channel.vhost.as_str())?)?;
            Some((exchange, channel.connection_details.name.as_str()))
        })
        .collect();
    let publisher = |(exchange, connection): (&Name, &str)| Publisher {
        exchange: exchange.clone(),
        connection: connection.to_string(),
        evidence: Evidence::Inferred,
    };
    found.into_iter().map(publisher).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn channels() -> Vec<Channel> {
        serde_json::from_value(json!([
            {"name": "c1 (1)", "vhost": "shop", "connection_details": {"name": "c1"}, "message_stats": {"publish": 3}},
            {"name": "c1 (2)", "vhost": "shop", "connection_details": {"name": "c1"}, "message_stats": {"publish": 1}},
            {"name": "c2 (1)", "vhost": "shop", "connection_details": {"name": "c2"}, "message_stats": {}},
            {"name": "c3 (1)", "vhost": "other", "connection_details": {"name": "c3"}, "message_stats": {"publish": 9}},
        ]))
        .unwrap()
    }

    #[test]
    fn the_only_exchange_that_was_published_to_is_where_publishers_publish() {
        let exchange = Name::new("shop", "orders");
        let found = inferred([&exchange].into_iter(), &channels());
        assert_eq!(
            found,
            [Publisher {
                exchange,
                connection: "c1".into(),
                evidence: Evidence::Inferred
            }]
        );
    }

    #[test]
    fn of_two_exchanges_nobody_can_tell() {
        let exchanges = [Name::new("shop", "orders"), Name::new("shop", "payments")];
        assert!(inferred(exchanges.iter(), &channels()).is_empty());
    }

    #[test]
    fn what_the_broker_tells_is_counted() {
        let traffic: ExchangeTraffic = serde_json::from_value(json!({"incoming": [
            {"channel_details": {"name": "c1 (1)", "connection_name": "c1"}, "stats": {"publish": 3}},
            {"channel_details": {"name": "c1 (2)", "connection_name": "c1"}, "stats": {"publish": 3}},
            {"channel_details": [], "stats": {"publish": 1}},
        ]}))
        .unwrap();
        let told = told(&Name::new("/", "x"), &traffic);
        assert_eq!(told.len(), 1);
        assert_eq!(
            (told[0].connection.as_str(), told[0].evidence),
            ("c1", Evidence::Counted)
        );
    }
}
