//! Pulsar's names: topics with their partitions, and what a name says about a topic or a subscription.

use brokerscope_contract::{EntityKey, EntityKind};

/// A topic, or one partition of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TopicName {
    /// `tenant/namespace`; for topics of Pulsar 1 `tenant/cluster/namespace`.
    pub namespace: String,
    /// Without the suffix of a partition.
    pub local: String,
    pub persistent: bool,
    pub partition: Option<u32>,
}

const PERSISTENT: &str = "persistent://";
const NON_PERSISTENT: &str = "non-persistent://";
const PARTITION: &str = "-partition-";

impl TopicName {
    /// Reads `persistent://tenant/namespace/topic`, which is how Pulsar always says it.
    pub fn parse(text: &str) -> Option<TopicName> {
        let (persistent, rest) = match text.strip_prefix(PERSISTENT) {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix(NON_PERSISTENT)?),
        };
        let (namespace, local) = rest.rsplit_once('/')?;
        if local.is_empty() || !namespace.contains('/') {
            return None;
        }
        let (local, partition) = split_partition(local);
        Some(TopicName {
            namespace: namespace.into(),
            local: local.into(),
            persistent,
            partition,
        })
    }

    /// The topic that this is a partition of, or itself.
    pub fn whole(&self) -> TopicName {
        TopicName {
            partition: None,
            ..self.clone()
        }
    }

    /// The path of the admin API: `persistent/tenant/namespace/topic`, each part encoded.
    pub fn api_path(&self) -> String {
        let domain = if self.persistent {
            "persistent"
        } else {
            "non-persistent"
        };
        let namespace = encoded(&self.namespace);
        let partition = self.partition.map_or(String::new(), |n| format!("{PARTITION}{n}"));
        format!("{domain}/{namespace}/{}{partition}", segment(&self.local))
    }

    pub fn key(&self) -> EntityKey {
        EntityKey::new(EntityKind::Topic, self.path())
    }

    pub fn partition_key(&self, partition: u32) -> EntityKey {
        self.child(EntityKind::Partition, &partition.to_string())
    }

    pub fn child(&self, kind: EntityKind, name: &str) -> EntityKey {
        let mut path = self.path().to_vec();
        path.push(name.into());
        EntityKey::new(kind, path)
    }

    pub fn namespace_key(&self) -> EntityKey {
        namespace_key(&self.namespace)
    }

    /// A topic and its non-persistent namesake are two topics, so the latter says what it is.
    fn path(&self) -> [String; 3] {
        let (tenant, namespace) = self.namespace.split_once('/').unwrap_or((&self.namespace, ""));
        let local = match self.persistent {
            true => self.local.clone(),
            false => format!("{NON_PERSISTENT}{}", self.local),
        };
        [tenant.into(), namespace.into(), local]
    }

    /// Made by Pulsar for itself: health checks, topic policies, transactions, load balancing, what functions workers
    /// tell each other.
    pub fn is_internal(&self) -> bool {
        is_internal_namespace(&self.namespace)
            || self.local.starts_with("__")
            || self.local.ends_with("__transaction_pending_ack")
    }
}

/// Pulsar's own. The second is the default of a functions worker's `pulsarFunctionsNamespace`.
pub fn is_internal_namespace(namespace: &str) -> bool {
    namespace.starts_with("pulsar/") || namespace == "public/functions"
}

/// `tenant/namespace` as an entity.
pub fn namespace_key(namespace: &str) -> EntityKey {
    let (tenant, name) = namespace.split_once('/').unwrap_or((namespace, ""));
    EntityKey::new(EntityKind::Namespace, [tenant, name])
}

/// Every segment of a path encoded; the slashes stay.
pub fn encoded(path: &str) -> String {
    path.split('/').map(segment).collect::<Vec<_>>().join("/")
}

fn segment(name: &str) -> String {
    percent_encoding::utf8_percent_encode(name, percent_encoding::NON_ALPHANUMERIC).to_string()
}

/// Pulsar reserves the suffix: a topic of that name is a partition.
fn split_partition(local: &str) -> (&str, Option<u32>) {
    let split = local.rsplit_once(PARTITION).and_then(|(topic, number)| {
        let plain = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit());
        Some((topic, number.parse().ok()?)).filter(|_| plain && !topic.is_empty())
    });
    split.map_or((local, None), |(topic, number)| (topic, Some(number)))
}

/// Who reads through a subscription, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    Application,
    /// A reader, which keeps its position itself: its subscription lives as long as it does, under a name made up anew.
    Ephemeral,
    /// Compaction, deduplication, replication, system readers.
    Broker,
}

impl Reader {
    pub fn of(subscription: &str) -> Reader {
        let ends_in_reader = subscription.rsplit_once("reader-").is_some_and(|(_, tail)| {
            tail.len() == 10
                && tail
                    .bytes()
                    .all(|byte| byte.is_ascii_hexdigit() && !byte.is_ascii_uppercase())
        });
        match subscription {
            "__compaction" => Reader::Broker,
            _ if subscription.starts_with("__") || subscription.starts_with("pulsar.") => Reader::Broker,
            _ if ends_in_reader => Reader::Ephemeral,
            _ => Reader::Application,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_taken_apart() {
        for (text, namespace, local, partition) in [
            ("persistent://a/b/c", "a/b", "c", None),
            ("non-persistent://a/b/c-partition-12", "a/b", "c", Some(12)),
            ("persistent://a/b/c-partition-", "a/b", "c-partition-", None),
            ("persistent://a/b/c-partition-x", "a/b", "c-partition-x", None),
            ("persistent://a/b/c-partition-1-DLQ", "a/b", "c-partition-1-DLQ", None),
            ("persistent://a/b/-partition-1", "a/b", "-partition-1", None),
            ("persistent://a/west/b/c", "a/west/b", "c", None),
        ] {
            let name = TopicName::parse(text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(
                (name.namespace.as_str(), name.local.as_str(), name.partition),
                (namespace, local, partition)
            );
            assert_eq!(name.persistent, text.starts_with('p'));
        }
        for text in ["a/b/c", "persistent://a/b/", "persistent://a", "kafka://a/b/c", ""] {
            assert_eq!(TopicName::parse(text), None, "{text}");
        }
    }

    #[test]
    fn namesakes_of_both_kinds_are_two_topics() {
        let of = |text| TopicName::parse(text).unwrap().key();
        assert_eq!(*of("persistent://a/b/c").path, ["a", "b", "c"]);
        assert_eq!(*of("non-persistent://a/b/c").path, ["a", "b", "non-persistent://c"]);
        assert_eq!(*of("persistent://a/west/b/c").path, ["a", "west/b", "c"]);
    }

    #[test]
    fn paths_of_the_api_hold_any_name() {
        let name = TopicName::parse("persistent://a/b/50% off?-partition-3").unwrap();
        assert_eq!(name.api_path(), "persistent/a/b/50%25%20off%3F-partition-3");
    }

    #[test]
    fn what_pulsar_made_for_itself_is_known_by_its_name() {
        for (text, internal) in [
            ("persistent://pulsar/standalone/127.0.0.1:8080/healthcheck", true),
            ("persistent://shop/orders/__change_events", true),
            ("persistent://shop/orders/placed-billing__transaction_pending_ack", true),
            ("persistent://public/functions/coordinate", true),
            ("persistent://shop/orders/placed", false),
            ("persistent://pulsars/orders/placed", false),
        ] {
            assert_eq!(TopicName::parse(text).unwrap().is_internal(), internal, "{text}");
        }
        for (name, reader) in [
            ("billing", Reader::Application),
            ("reader-service", Reader::Application),
            ("reader-5d0a9c77e1", Reader::Ephemeral),
            ("my-reader-5d0a9c77e1", Reader::Ephemeral),
            ("__system_reader-reader-e9d9b1d4a9", Reader::Broker),
            ("__compaction", Reader::Broker),
            ("pulsar.repl.west", Reader::Broker),
        ] {
            assert_eq!(Reader::of(name), reader, "{name}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in ".{0,80}") {
            let _ = TopicName::parse(&text);
            let _ = TopicName::parse(&format!("persistent://{text}"));
            let _ = Reader::of(&text);
        }
    }
}
