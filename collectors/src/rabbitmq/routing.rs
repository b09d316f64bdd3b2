//! Where a message would go: the routing rules of the built-in exchange types.

use std::collections::{BTreeSet, HashMap, HashSet};

use super::inventory::Inventory;
use super::names::Name;
use super::wire::Binding;

/// The bindings of an inventory, ready to be followed.
pub struct Router<'a> {
    types: HashMap<(&'a str, &'a str), &'a str>,
    /// By exchange.
    bindings: HashMap<(&'a str, &'a str), Vec<&'a Binding>>,
    /// Routing keys of bindings, by queue.
    keys: HashMap<(&'a str, &'a str), BTreeSet<&'a str>>,
    queues: HashSet<(&'a str, &'a str)>,
}

/// Where messages with one routing key end up.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Routed {
    pub queues: BTreeSet<Name>,
    /// An exchange on the way decides by more than the routing key (headers, a plugin): some of `queues` may get
    /// nothing.
    pub uncertain: bool,
}

impl<'a> Router<'a> {
    pub fn new(inventory: &'a Inventory) -> Router<'a> {
        let mut bindings: HashMap<_, Vec<&Binding>> = HashMap::new();
        let mut keys: HashMap<_, BTreeSet<&str>> = HashMap::new();
        for binding in &inventory.bindings {
            let vhost = binding.vhost.as_str();
            bindings
                .entry((vhost, binding.source.as_str()))
                .or_default()
                .push(binding);
            if binding.destination_type == "queue" {
                keys.entry((vhost, binding.destination.as_str()))
                    .or_default()
                    .insert(&binding.routing_key);
            }
        }
        let exchanges = inventory.exchanges.iter();
        let queues = inventory.queues.iter();
        Router {
            types: exchanges
                .map(|e| ((e.vhost.as_str(), e.name.as_str()), e.exchange_type.as_str()))
                .collect(),
            bindings,
            keys,
            queues: queues
                .map(|queue| (queue.vhost.as_str(), queue.name.as_str()))
                .collect(),
        }
    }

    pub fn has_exchange(&self, name: &Name) -> bool {
        name.name.is_empty() || self.types.contains_key(&(name.vhost.as_str(), name.name.as_str()))
    }

    /// The routing keys under which a queue is bound to exchanges.
    pub fn keys_into<'q>(&'q self, queue: &'q Name) -> impl Iterator<Item = &'q str> {
        self.keys
            .get(&(queue.vhost.as_str(), queue.name.as_str()))
            .into_iter()
            .flatten()
            .copied()
    }

    /// The queues that `exchange` gives a message to, exchanges bound to it followed. `key` of `None` is any key.
    pub fn route(&self, exchange: &Name, key: Option<&str>) -> Routed {
        let mut routed = Routed::default();
        self.follow(exchange, key, &mut HashSet::new(), &mut routed);
        routed
    }

    fn follow(&self, exchange: &Name, key: Option<&str>, visited: &mut HashSet<Name>, routed: &mut Routed) {
        if !visited.insert(exchange.clone()) {
            return;
        }
        let at = (exchange.vhost.as_str(), exchange.name.as_str());
        if exchange.name.is_empty() {
            // The default exchange knows every queue by its name, and nothing else.
            let target = key.filter(|key| self.queues.contains(&(at.0, *key)));
            routed.queues.extend(target.map(|key| Name::new(at.0, key)));
            return;
        }
        let exchange_type = self.types.get(&at).copied().unwrap_or_default();
        for binding in self.bindings.get(&at).into_iter().flatten() {
            match fits(exchange_type, &binding.routing_key, key) {
                Fit::No => continue,
                Fit::Yes => {}
                Fit::Perhaps => routed.uncertain = true,
            }
            let to = Name::new(at.0, &binding.destination);
            match binding.destination_type.as_str() {
                "exchange" => self.follow(&to, key, visited, routed),
                _ => {
                    routed.queues.insert(to);
                }
            }
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fit {
    Yes,
    No,
    /// More than the key decides.
    Perhaps,
}

fn fits(exchange_type: &str, binding_key: &str, key: Option<&str>) -> Fit {
    let by = |matches: bool| if matches { Fit::Yes } else { Fit::No };
    match (exchange_type, key) {
        ("fanout", _) => Fit::Yes,
        ("direct" | "topic", None) => Fit::Perhaps,
        ("direct", Some(key)) => by(binding_key == key),
        ("topic", Some(key)) => by(topic_matches(binding_key, key)),
        _ => Fit::Perhaps,
    }
}

/// AMQP's topic patterns: words between dots, `*` is one word, `#` any number of words.
pub fn topic_matches(pattern: &str, key: &str) -> bool {
    let pattern: Vec<&str> = pattern.split('.').collect();
    // The empty key has no word at all.
    let key: Vec<&str> = if key.is_empty() {
        Vec::new()
    } else {
        key.split('.').collect()
    };
    // reach[j]: the patterns read so far can match the first j words.
    let mut reach = vec![false; key.len() + 1];
    reach[0] = true;
    for word in pattern {
        let mut next = vec![false; key.len() + 1];
        for at in 0..=key.len() {
            next[at] = match word {
                "#" => reach[..=at].contains(&true),
                "*" => at > 0 && reach[at - 1],
                "" if key.is_empty() => reach[at],
                word => at > 0 && reach[at - 1] && key[at - 1] == word,
            };
        }
        reach = next;
    }
    reach[key.len()]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn topic_patterns_match_by_words() {
        for (pattern, key, expected) in [
            ("order.created", "order.created", true),
            ("order.*", "order.created", true),
            ("order.*", "order", false),
            ("order.*", "order.created.eu", false),
            ("order.#", "order", true),
            ("order.#", "order.created.eu", true),
            ("#", "", true),
            ("#", "a.b.c", true),
            ("#.eu", "order.created.eu", true),
            ("#.eu", "eu", true),
            ("*.eu", "eu", false),
            ("", "", true),
            ("a", "", false),
            ("*.#.*", "a.b", true),
            ("*.#.*", "a", false),
        ] {
            assert_eq!(topic_matches(pattern, key), expected, "{pattern:?} against {key:?}");
        }
    }

    proptest! {
        #[test]
        fn a_key_matches_itself_and_the_hash_matches_all(key in "[a-c]{1,2}(\\.[a-c]{1,2}){0,5}") {
            prop_assert!(topic_matches(&key, &key));
            prop_assert!(topic_matches("#", &key));
        }

        #[test]
        fn long_patterns_take_no_time(pattern in "[#*.]{0,200}", key in "[a.]{0,200}") {
            let _ = topic_matches(&pattern, &key);
        }
    }
}
