//! Retry and dead-letter topics, known by their names: the policy that fills them lives in the consumers.

use std::collections::{BTreeSet, HashMap};

use brokerscope_contract::{Evidence, Link, LinkKind};

use super::topics::subscription_key;
use super::{Mapped, View};
use crate::pulsar::names::{Reader, TopicName};

/// The suffixes of client libraries' default names, and what goes there.
const SUFFIXES: [(&str, LinkKind, &str); 2] = [
    ("-DLQ", LinkKind::DeadLetter, "by its name"),
    ("-RETRY", LinkKind::Delivers, "to be tried again, by its name"),
];

pub fn map(view: View<'_>, into: &mut Mapped) {
    let known = Known::new(view);
    for name in view.wholes.keys() {
        for (suffix, kind, label) in SUFFIXES {
            let Some(stem) = name.local.strip_suffix(suffix).filter(|stem| !stem.is_empty()) else {
                continue;
            };
            if let Some((topic, subscription)) = known.origin(name, stem) {
                into.links.push(Link {
                    from: subscription_key(&topic, &subscription),
                    to: name.key(),
                    kind,
                    label: Some(label.into()),
                    evidence: Evidence::Inferred,
                });
            }
        }
    }
}

/// The subscriptions of every topic.
struct Known<'a> {
    by_topic: HashMap<&'a TopicName, BTreeSet<&'a str>>,
}

impl<'a> Known<'a> {
    fn new(view: View<'a>) -> Known<'a> {
        let by_topic = view.wholes.iter().map(|(name, whole)| {
            let told = whole.loaded.iter().flat_map(|(_, topic)| topic.subscriptions.keys());
            let remembered = view.inventory.subscriptions.get(name).into_iter().flatten();
            let names = told.chain(remembered).map(String::as_str);
            (
                name,
                names.filter(|name| Reader::of(name) == Reader::Application).collect(),
            )
        });
        Known {
            by_topic: by_topic.collect(),
        }
    }

    /// The subscription behind `<topic>-<subscription>`. Both may hold hyphens, so both must exist, and the longest topic
    /// wins. Go clients before 0.10 left the topic out: that is believed only where one topic has such a subscription.
    fn origin(&self, letters: &TopicName, stem: &str) -> Option<(TopicName, String)> {
        let splits = stem.rmatch_indices('-').map(|(at, _)| (&stem[..at], &stem[at + 1..]));
        let by_both = splits.filter_map(|(local, subscription)| {
            // Some clients name them after a partition.
            let topic = TopicName::parse(&format!("persistent://{}/{local}", letters.namespace))?.whole();
            let is_known = self.by_topic.get(&topic)?.contains(subscription);
            is_known.then(|| (topic, subscription.to_string()))
        });
        by_both.into_iter().next().or_else(|| self.only_reader(letters, stem))
    }

    fn only_reader(&self, letters: &TopicName, subscription: &str) -> Option<(TopicName, String)> {
        let mut topics = self.by_topic.iter().filter(|(topic, subscriptions)| {
            topic.namespace == letters.namespace && ***topic != *letters && subscriptions.contains(subscription)
        });
        match (topics.next(), topics.next()) {
            (Some((topic, _)), None) => Some(((*topic).clone(), subscription.to_string())),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::pulsar::functions::Functions;
    use std::collections::{BTreeMap, HashMap};

    use brokerscope_contract::Timestamp;

    use super::*;
    use crate::pulsar::ages::Ages;
    use crate::pulsar::inventory::Inventory;
    use crate::pulsar::odometer::Odometer;
    use crate::pulsar::wire::{Subscription, Topic};

    fn links(topics: &[(&str, &[&str])]) -> Vec<(String, String, LinkKind)> {
        let seen: HashMap<TopicName, Topic> = topics
            .iter()
            .map(|(local, subscriptions)| {
                let subscriptions: BTreeMap<_, _> = subscriptions
                    .iter()
                    .map(|name| (name.to_string(), Subscription::default()))
                    .collect();
                let name = TopicName::parse(&format!("persistent://a/b/{local}")).unwrap();
                (
                    name,
                    Topic {
                        subscriptions,
                        ..Topic::default()
                    },
                )
            })
            .collect();
        let inventory = Inventory::default();
        let wholes = inventory.wholes(&seen);
        let mut mapped = Mapped::default();
        let view = View {
            at: Timestamp(0),
            wholes: &wholes,
            inventory: &inventory,
            odometer: &Odometer::default(),
            ages: &Ages::default(),
            functions: &Functions::default(),
            is_incomplete: false,
        };
        map(view, &mut mapped);
        assert!(mapped.links.iter().all(|link| link.evidence == Evidence::Inferred));
        let told = mapped.links.into_iter().map(|link| {
            let from = link.from.path[2..].join(" / ");
            (from, link.to.name().to_string(), link.kind)
        });
        told.collect()
    }

    fn link(from: &str, to: &str) -> Vec<(String, String, LinkKind)> {
        vec![(from.into(), to.into(), LinkKind::DeadLetter)]
    }

    #[test]
    fn the_longest_topic_that_exists_with_its_subscription_is_the_origin() {
        for (topics, expected) in [
            (vec![("x", &["s"][..]), ("x-s-DLQ", &[])], link("x / s", "x-s-DLQ")),
            (
                vec![("a", &["b-c"][..]), ("a-b", &["c"][..]), ("a-b-c-DLQ", &[])],
                link("a-b / c", "a-b-c-DLQ"),
            ),
            (
                vec![("a", &["b-c"][..]), ("a-b", &["other"][..]), ("a-b-c-DLQ", &[])],
                link("a / b-c", "a-b-c-DLQ"),
            ),
            (
                vec![("x-partition-0", &["s"][..]), ("x-partition-0-s-DLQ", &[])],
                link("x / s", "x-partition-0-s-DLQ"),
            ),
            (vec![("x", &["s"][..]), ("s-DLQ", &[])], link("x / s", "s-DLQ")),
            (vec![("x", &["s"][..]), ("y", &["s"][..]), ("s-DLQ", &[])], vec![]),
            (vec![("x", &["other"][..]), ("x-s-DLQ", &[])], vec![]),
            (vec![("-DLQ", &["s"][..])], vec![]),
        ] {
            assert_eq!(links(&topics), expected, "{topics:?}");
        }
    }

    #[test]
    fn retry_letters_are_no_dead_letters() {
        let told = links(&[("x", &["s"]), ("x-s-RETRY", &["s"])]);
        assert_eq!(told, [("x / s".into(), "x-s-RETRY".into(), LinkKind::Delivers)]);
    }
}
