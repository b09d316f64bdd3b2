//! What the admin API last listed of one project.

use std::collections::{BTreeMap, BTreeSet};

use brokerscope_contract::{EntityKey, EntityKind, Timestamp};

use super::wire::{Snapshot, Subscription, Topic};

/// What stands in the place of a topic that is gone.
pub const DELETED_TOPIC: &str = "_deleted-topic_";

/// One project's objects, by the last part of their name.
#[derive(Debug, Clone, Default)]
pub struct Inventory {
    /// When both lists were last read together.
    pub listed_at: Option<Timestamp>,
    pub topics: BTreeMap<String, Topic>,
    pub subscriptions: BTreeMap<String, Subscription>,
    pub snapshots: Vec<Snapshot>,
    has_topics: bool,
    has_subscriptions: bool,
    /// Missing from one listing of several pages; believed to be gone when missing from the next one too.
    doubtful: BTreeSet<String>,
}

/// A list as it was read.
pub struct Listed<T> {
    pub items: Vec<T>,
    pub pages: usize,
}

/// The project and the last part of `projects/{project}/topics/{topic}`.
pub fn split(name: &str) -> Option<(&str, &str)> {
    let (project, rest) = name.strip_prefix("projects/")?.split_once('/')?;
    let (_kind, id) = rest.split_once('/')?;
    Some((project, id))
}

/// The topic's key; `None` for one that is gone.
pub fn topic_key(name: &str) -> Option<EntityKey> {
    let (project, id) = split(name)?;
    Some(EntityKey::new(EntityKind::Topic, [project, id]))
}

impl Inventory {
    /// Takes in a new listing.
    ///
    /// A list of several pages may change while it is read, and something that exists may be on none of them; so what
    /// was known and is missing stays for one more listing. A single page is read in one go and believed.
    /// A list that was refused is `None`, and what was known of it stays.
    pub fn update(
        &mut self,
        topics: Option<Listed<Topic>>,
        subscriptions: Option<Listed<Subscription>>,
        at: Timestamp,
    ) {
        let doubted = std::mem::take(&mut self.doubtful);
        if topics.is_some() && subscriptions.is_some() {
            self.listed_at = Some(at);
        }
        if let Some(topics) = topics {
            self.has_topics = true;
            let name = |topic: &Topic| topic.name.clone();
            merge(&mut self.topics, topics, name, &doubted, &mut self.doubtful);
        }
        if let Some(subscriptions) = subscriptions {
            self.has_subscriptions = true;
            let name = |subscription: &Subscription| subscription.name.clone();
            merge(
                &mut self.subscriptions,
                subscriptions,
                name,
                &doubted,
                &mut self.doubtful,
            );
        }
    }

    /// Whether the list of this kind was ever read.
    pub fn is_listed(&self, kind: EntityKind) -> bool {
        match kind {
            EntityKind::Topic => self.has_topics,
            _ => self.has_subscriptions,
        }
    }

    /// Everything in it is sure to exist.
    pub fn is_sure(&self) -> bool {
        self.listed_at.is_some() && self.doubtful.is_empty()
    }

    pub fn knows(&self, key: &EntityKey) -> bool {
        match key.kind {
            EntityKind::Topic => self.topics.contains_key(key.name()),
            _ => self.subscriptions.contains_key(key.name()),
        }
    }
}

fn merge<T>(
    known: &mut BTreeMap<String, T>,
    listed: Listed<T>,
    name: impl Fn(&T) -> String,
    doubted: &BTreeSet<String>,
    doubtful: &mut BTreeSet<String>,
) {
    let mut now: BTreeMap<String, T> = BTreeMap::new();
    // Something that is on two pages is taken from the later one.
    for item in listed.items {
        if let Some((_, id)) = split(&name(&item)) {
            now.insert(id.to_string(), item);
        }
    }
    let before = std::mem::replace(known, now);
    if listed.pages > 1 {
        for (id, item) in before {
            let full = name(&item);
            if !known.contains_key(&id) && !doubted.contains(&full) {
                doubtful.insert(full);
                known.insert(id, item);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(names: &[&str], pages: usize) -> Listed<Topic> {
        let topic = |name: &&str| Topic {
            name: format!("projects/shop/topics/{name}"),
            ..Topic::default()
        };
        Listed {
            items: names.iter().map(topic).collect(),
            pages,
        }
    }

    fn after(listings: &[(&[&str], usize)]) -> (Vec<String>, bool) {
        let mut inventory = Inventory::default();
        for (names, pages) in listings {
            let none = Listed {
                items: Vec::new(),
                pages: 1,
            };
            inventory.update(Some(listed(names, *pages)), Some(none), Timestamp(0));
        }
        (inventory.topics.keys().cloned().collect(), inventory.is_sure())
    }

    #[test]
    fn a_single_page_is_believed_at_once() {
        assert_eq!(after(&[(&["a", "b"], 1), (&["a"], 1)]), (vec!["a".into()], true));
    }

    #[test]
    fn what_is_missing_from_several_pages_is_believed_gone_the_second_time() {
        let both = vec!["a".to_string(), "b".to_string()];
        assert_eq!(after(&[(&["a", "b"], 2), (&["a"], 2)]), (both.clone(), false));
        assert_eq!(
            after(&[(&["a", "b"], 2), (&["a"], 2), (&["a"], 2)]),
            (vec!["a".into()], true)
        );
        assert_eq!(after(&[(&["a", "b"], 2), (&["a"], 2), (&["a", "b"], 2)]), (both, true));
    }

    #[test]
    fn what_stands_on_two_pages_is_there_once() {
        assert_eq!(after(&[(&["a", "b", "a"], 2)]).0, ["a", "b"]);
    }

    #[test]
    fn names_are_split_and_odd_ones_are_none() {
        assert_eq!(split("projects/p:x/topics/a%b~c"), Some(("p:x", "a%b~c")));
        for odd in ["", "projects/", "projects/p", "projects/p/topics", DELETED_TOPIC] {
            assert_eq!(split(odd), None, "{odd}");
        }
    }
}
