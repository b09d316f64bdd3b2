//! The name of an application behind a connection, the same for all its instances and over restarts.

use crate::rabbitmq::wire::Connection;

/// Names of client libraries and of the broker's own tools: they say nothing about the application.
const LIBRARIES: &[&str] = &[
    "RabbitMQ",
    "RabbitMQ Stream",
    "Pika Python Client Library",
    "AMQP 0.9.1 Client",
    "AMQPLib",
    "amqplib",
    "py-amqp",
    "aiormq",
    "lapin",
    "Bunny",
    "March Hare",
    "Lager",
    "EasyNetQ",
    "MassTransit",
    "Kombu",
    "https://github.com/streadway/amqp",
    "AmqpNetLite",
    "rabbitmq-dotnet-client",
];

/// The service of a connection: the name that the application gave to the connection, else its product, else its
/// user and host.
pub fn service_name(connection: &Connection) -> String {
    let given = connection
        .user_provided_name
        .as_deref()
        .or(connection.client_properties.connection_name.as_deref());
    if let Some(name) = given.map(stable).filter(|name| !name.is_empty()) {
        return name;
    }
    let product = connection.client_properties.product.as_deref().map(str::trim);
    if let Some(name) = product.filter(|name| !name.is_empty() && !is_library(name)) {
        return name.to_string();
    }
    user_at_host(connection.user.as_deref(), connection.peer_host.as_deref())
}

pub fn user_at_host(user: Option<&str>, host: Option<&str>) -> String {
    format!("{}@{}", user.unwrap_or("unknown"), host.unwrap_or("unknown"))
}

fn is_library(product: &str) -> bool {
    LIBRARIES.iter().any(|library| library.eq_ignore_ascii_case(product))
}

/// Without what distinguishes instances: `orders#6b5176f2:0`, `orders-7d4b9c6f5-x2x8z`, `orders:4711`,
/// `orders-<uuid>` are all `orders`.
fn stable(name: &str) -> String {
    let mut name = name.trim();
    while let Some(shorter) = without_instance(name).filter(|shorter| !shorter.is_empty()) {
        name = shorter;
    }
    name.to_string()
}

fn without_instance(name: &str) -> Option<&str> {
    without_counter(name)
        .or_else(|| without_uuid(name))
        .or_else(|| without_pod(name))
}

/// A number or a hash after `#` or `:`.
fn without_counter(name: &str) -> Option<&str> {
    let (head, tail) = name.rsplit_once(['#', ':'])?;
    let is_hash =
        !tail.is_empty() && tail.chars().all(|c| c.is_ascii_hexdigit()) && tail.chars().any(|c| c.is_ascii_digit());
    is_hash.then(|| head.trim_end())
}

/// A UUID after any separator.
fn without_uuid(name: &str) -> Option<&str> {
    const LENGTHS: [usize; 5] = [8, 4, 4, 4, 12];
    let start = name.len().checked_sub(36)?;
    let (head, tail) = (name.get(..start)?, name.get(start..)?);
    let groups: Vec<&str> = tail.split('-').collect();
    let is_uuid = groups.len() == LENGTHS.len()
        && groups
            .iter()
            .zip(LENGTHS)
            .all(|(group, n)| group.len() == n && group.chars().all(|c| c.is_ascii_hexdigit()));
    is_uuid.then(|| head.trim_end_matches(['-', '_', '.', '/', ' ', ':', '@']))
}

/// The hash of a deployment and the five characters of its pod, as Kubernetes makes them: no vowels, which words have.
fn without_pod(name: &str) -> Option<&str> {
    let (rest, pod) = name.rsplit_once('-')?;
    let (head, hash) = rest.rsplit_once('-')?;
    let made_up = |text: &str| {
        text.chars()
            .all(|c| c.is_ascii_digit() || (c.is_ascii_lowercase() && !"aeiou".contains(c)))
    };
    let is_pod = pod.len() == 5 && (5..=10).contains(&hash.len()) && made_up(pod) && made_up(hash);
    is_pod.then_some(head)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn instances_of_one_application_share_a_name() {
        for (name, expected) in [
            ("order-service", "order-service"),
            (" order-service ", "order-service"),
            ("rabbitConnectionFactory#6b5176f2:0", "rabbitConnectionFactory"),
            ("orders-7d4b9c6f5-x2x8z", "orders"),
            ("orders:4711", "orders"),
            ("orders-123e4567-e89b-12d3-a456-426614174000", "orders"),
            ("orders-2024", "orders-2024"),
            ("web:beef", "web:beef"),
            ("payment-gateway-front", "payment-gateway-front"),
            ("#1", "#1"),
            ("a:1#2:3", "a"),
        ] {
            assert_eq!(stable(name), expected, "{name}");
        }
    }

    #[test]
    fn the_best_name_there_is_is_taken() {
        for (connection, expected) in [
            (
                json!({"user_provided_name": "a", "client_properties": {"connection_name": "b", "product": "c"}}),
                "a",
            ),
            (
                json!({"client_properties": {"connection_name": "b", "product": "c"}}),
                "b",
            ),
            (
                json!({"client_properties": {"product": "shop"}, "user": "u", "peer_host": "h"}),
                "shop",
            ),
            (
                json!({"client_properties": {"product": "RabbitMQ"}, "user": "u", "peer_host": "h"}),
                "u@h",
            ),
            (
                json!({"client_properties": [], "user": "u", "peer_host": "10.0.0.7"}),
                "u@10.0.0.7",
            ),
            (json!({}), "unknown@unknown"),
        ] {
            let read: Connection = serde_json::from_value(connection.clone()).unwrap();
            assert_eq!(service_name(&read), expected, "{connection}");
        }
    }

    proptest! {
        #[test]
        fn any_name_gives_a_name(name in ".{0,80}") {
            let stable = stable(&name);
            prop_assert!(name.contains(&stable));
            prop_assert_eq!(stable.is_empty(), name.trim().is_empty());
        }
    }
}
