//! Keys of what NATS has, and subjects with their wildcards.

use brokerscope_contract::{EntityKey, EntityKind};

pub fn node(server: &str) -> EntityKey {
    EntityKey::new(EntityKind::Node, [server])
}

pub fn account(account: &str) -> EntityKey {
    EntityKey::new(EntityKind::Account, [account])
}

pub fn stream(account: &str, stream: &str) -> EntityKey {
    EntityKey::new(EntityKind::Stream, [account, stream])
}

pub fn consumer(account: &str, stream: &str, consumer: &str) -> EntityKey {
    EntityKey::new(EntityKind::StreamConsumer, [account, stream, consumer])
}

pub fn subject(account: &str, subject: &str) -> EntityKey {
    EntityKey::new(EntityKind::Subject, [account, subject])
}

pub fn service(name: &str) -> EntityKey {
    EntityKey::new(EntityKind::Service, [name])
}

pub fn endpoint(address: &str) -> EntityKey {
    EntityKey::new(EntityKind::Endpoint, [address])
}

/// The one entity that stands for all ephemeral consumers of a stream. No consumer's name may hold a space.
pub const EPHEMERAL: &str = "ephemeral consumers";

/// Whether a subject is one that clients and servers use among themselves: inboxes, JetStream, the system.
pub fn is_plumbing(subject: &str) -> bool {
    let first = subject.split('.').next().unwrap_or_default();
    first.starts_with("_INBOX") || first.starts_with('$') || first == "_R_" || first == "_GR_"
}

/// Whether `pattern`, with NATS' wildcards `*` (one word) and `>` (the rest), matches a subject without any.
pub fn matches(pattern: &str, subject: &str) -> bool {
    let mut words = subject.split('.');
    for wanted in pattern.split('.') {
        match (wanted, words.next()) {
            (">", Some(_)) => return true,
            ("*", Some(_)) => {}
            (wanted, Some(word)) if wanted == word => {}
            _ => return false,
        }
    }
    words.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wildcards_match_as_in_nats() {
        for (pattern, subject, expected) in [
            ("orders.eu", "orders.eu", true),
            ("orders.*", "orders.eu", true),
            ("orders.*", "orders", false),
            ("orders.*", "orders.eu.new", false),
            ("orders.>", "orders.eu.new", true),
            ("orders.>", "orders", false),
            (">", "orders", true),
            ("*.eu", "orders.eu", true),
            ("orders.eu", "orders.us", false),
            ("orders", "orders.eu", false),
        ] {
            assert_eq!(matches(pattern, subject), expected, "{pattern} {subject}");
        }
    }

    #[test]
    fn plumbing_is_not_shown() {
        for (subject, expected) in [
            ("_INBOX.abc.1", true),
            ("_INBOX_brokerscope.x", true),
            ("$JS.API.>", true),
            ("$SRV.PING", true),
            ("price.get", false),
            ("a$b", false),
        ] {
            assert_eq!(is_plumbing(subject), expected, "{subject}");
        }
    }
}
