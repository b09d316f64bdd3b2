//! What names tell: internal topics, dead-letter topics, the application behind a client id.

/// Suffixes by which teams and frameworks mark dead-letter topics, in lower case, after a separator.
const DEAD_LETTER_WORDS: &[&str] = &[
    "dlq",
    "dlt",
    "dead-letter",
    "dead_letter",
    "deadletter",
    "dead.letter",
    "dead-letters",
];

/// Whether a topic belongs to Kafka or to a tool beside it rather than to an application.
pub fn is_internal(topic: &str) -> bool {
    topic.starts_with("__") || topic.starts_with("_confluent") || topic == "_schemas"
}

/// The topic whose failed messages go to this one, by the naming habit: `orders.dlq`, `orders-DLT`, `orders_dlq`.
pub fn dead_letter_origin(topic: &str) -> Option<&str> {
    let lower = topic.to_ascii_lowercase();
    DEAD_LETTER_WORDS.iter().find_map(|word| {
        let stem = lower.strip_suffix(word)?;
        let origin = stem.strip_suffix(['.', '-', '_'])?;
        // Lowering ASCII keeps every byte in its place.
        (!origin.is_empty()).then(|| &topic[..origin.len()])
    })
}

/// The application that a client id names, without what only tells its instances apart. `None` for the names that
/// client libraries give by themselves, which name nobody.
pub fn service(client_id: &str) -> Option<&str> {
    let mut name = client_id.trim();
    // Kafka Streams: <application>-<uuid>-StreamThread-<n>-consumer
    if let Some((before, _)) = name.split_once("-StreamThread-") {
        name = before;
    }
    loop {
        let shorter = without_number(name).or_else(|| without_uuid(name));
        match shorter {
            Some(rest) if !rest.is_empty() => name = rest,
            _ => break,
        }
    }
    (!name.is_empty() && !is_library_default(name)).then_some(name)
}

fn without_number(name: &str) -> Option<&str> {
    let digits = name.trim_end_matches(|c: char| c.is_ascii_digit());
    (digits.len() < name.len())
        .then_some(digits)?
        .strip_suffix(['-', '_', '.', '#'])
}

fn without_uuid(name: &str) -> Option<&str> {
    const LENGTH: usize = 36;
    let start = name.len().checked_sub(LENGTH)?;
    let tail = name.get(start..)?;
    let is_uuid = tail.bytes().enumerate().all(|(place, byte)| match place {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    });
    is_uuid.then_some(&name[..start])?.strip_suffix(['-', '_', '.', '#'])
}

/// Client ids that libraries use when the application sets none.
fn is_library_default(name: &str) -> bool {
    const DEFAULTS: &[&str] = &[
        "rdkafka",
        "sarama",
        "kafkajs",
        "kgo",
        "consumer",
        "producer",
        "console-consumer",
        "admin",
        "adminclient",
    ];
    const PREFIXES: &[&str] = &["kafka-python", "aiokafka", "kafka-go", "segmentio", "librdkafka"];
    let lower = name.to_ascii_lowercase();
    DEFAULTS.contains(&lower.as_str()) || PREFIXES.iter().any(|prefix| lower.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dead_letter_topics_are_told_by_their_suffix_only() {
        for (topic, expected) in [
            ("orders.dlq", Some("orders")),
            ("orders-dlq", Some("orders")),
            ("orders_DLQ", Some("orders")),
            ("orders.DLT", Some("orders")),
            ("Orders-Dead-Letter", Some("Orders")),
            ("shop.orders.dlt", Some("shop.orders")),
            ("dlq", None),
            (".dlq", None),
            ("ordersdlq", None),
            ("dlq.orders", None),
            ("orders.dlq.retry", None),
            ("bestellungen-ü.dlq", Some("bestellungen-ü")),
        ] {
            assert_eq!(dead_letter_origin(topic), expected, "{topic}");
        }
    }

    #[test]
    fn a_service_is_what_remains_without_instance_marks() {
        for (client, expected) in [
            ("billing", Some("billing")),
            ("billing-1", Some("billing")),
            ("billing-17-3", Some("billing")),
            ("billing_2", Some("billing")),
            ("billing-6f9619ff-8b86-d011-b42d-00c04fc964ff", Some("billing")),
            (
                "billing-6f9619ff-8b86-d011-b42d-00c04fc964ff-StreamThread-2-consumer",
                Some("billing"),
            ),
            ("consumer-billing-1", Some("consumer-billing")),
            ("v2", Some("v2")),
            ("rdkafka", None),
            ("consumer-1", None),
            ("kafka-python-2.0.2", None),
            ("sarama", None),
            ("", None),
            ("  ", None),
            ("17", Some("17")),
        ] {
            assert_eq!(service(client), expected, "{client:?}");
        }
    }

    #[test]
    fn internal_topics_are_kafkas_own_and_its_tools() {
        for (topic, expected) in [
            ("__consumer_offsets", true),
            ("__transaction_state", true),
            ("_schemas", true),
            ("_confluent-metrics", true),
            ("_mine", false),
            ("orders", false),
        ] {
            assert_eq!(is_internal(topic), expected, "{topic}");
        }
    }
}
