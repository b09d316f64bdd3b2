//! Topics that are asked one by one take turns: whose turn it is, and what those said that are not asked on this visit.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::names::TopicName;
use super::wire::Topic;

#[derive(Debug, Default)]
pub struct Turns {
    /// The last answer of each topic or partition.
    answers: HashMap<TopicName, Topic>,
    /// Exist, and said nothing on this visit: they were not asked, or in vain.
    waiting: BTreeSet<TopicName>,
    /// The whole topic that was asked last.
    last: Option<TopicName>,
}

impl Turns {
    /// Whose turn it is: about `most` of `existing`, the partitions of a topic always together, so that their sum is of
    /// one visit.
    pub fn next(&mut self, existing: &BTreeSet<TopicName>, most: usize) -> Vec<TopicName> {
        let mut wholes: BTreeMap<TopicName, Vec<&TopicName>> = BTreeMap::new();
        for name in existing {
            wholes.entry(name.whole()).or_default().push(name);
        }
        let is_later = |whole: &TopicName| self.last.as_ref().is_none_or(|last| whole > last);
        let later = wholes.iter().filter(|(whole, _)| is_later(whole));
        let earlier = wholes.iter().filter(|(whole, _)| !is_later(whole));
        let (mut turn, mut last) = (Vec::new(), None);
        for (whole, parts) in later.chain(earlier) {
            if !turn.is_empty() && turn.len() + parts.len() > most {
                break;
            }
            turn.extend(parts.iter().map(|part| (*part).clone()));
            last = Some(whole.clone());
        }
        self.last = last.or(self.last.take());
        turn
    }

    /// Takes note of who said something on this visit, if only that it is not there.
    pub fn answered(
        &mut self,
        existing: BTreeSet<TopicName>,
        told: &HashMap<TopicName, Topic>,
        gone: &BTreeSet<TopicName>,
    ) {
        self.answers
            .retain(|name, _| existing.contains(name) && !gone.contains(name));
        self.waiting = existing;
        self.waiting
            .retain(|name| !told.contains_key(name) && !gone.contains(name));
        self.answers
            .extend(told.iter().map(|(name, topic)| (name.clone(), topic.clone())));
    }

    /// Nobody takes turns any more.
    pub fn stop(&mut self) {
        *self = Turns::default();
    }

    /// How many topics and partitions said nothing on this visit.
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Of one that said nothing on this visit: what it said earlier, if it ever did.
    pub fn of(&self, name: &TopicName) -> Option<Option<&Topic>> {
        let waiting = self.waiting.get(name)?;
        Some(self.answers.get(waiting))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(local: &str) -> TopicName {
        TopicName::parse(&format!("persistent://shop/orders/{local}")).unwrap()
    }

    fn names(locals: &[&str]) -> BTreeSet<TopicName> {
        locals.iter().map(|local| name(local)).collect()
    }

    #[test]
    fn every_topic_has_its_turn_and_partitions_have_theirs_together() {
        let existing = names(&["a", "b-partition-0", "b-partition-1", "c", "d"]);
        let mut turns = Turns::default();
        let mut seen = Vec::new();
        for _ in 0..4 {
            let turn = turns.next(&existing, 2);
            seen.push(turn.iter().map(|name| name.api_path()).collect::<Vec<_>>().join(" "));
        }
        let path = |local: &str| name(local).api_path();
        assert_eq!(
            seen,
            [
                path("a"),
                format!("{} {}", path("b-partition-0"), path("b-partition-1")),
                format!("{} {}", path("c"), path("d")),
                path("a"),
            ]
        );
    }

    #[test]
    fn more_partitions_than_a_visit_has_room_for_are_still_asked() {
        let existing = names(&["b-partition-0", "b-partition-1", "b-partition-2"]);
        assert_eq!(Turns::default().next(&existing, 2).len(), 3);
        assert!(Turns::default().next(&BTreeSet::new(), 2).is_empty());
    }

    #[test]
    fn who_waits_is_known_by_what_was_said_earlier() {
        let mut turns = Turns::default();
        let existing = names(&["a", "b", "c"]);
        let told = HashMap::from([(name("a"), Topic::default())]);
        turns.answered(existing.clone(), &told, &names(&["b"]));
        assert_eq!(turns.waiting(), 1);
        assert!(
            turns.of(&name("a")).is_none() && turns.of(&name("b")).is_none(),
            "they said something"
        );
        assert!(matches!(turns.of(&name("c")), Some(None)), "never heard");
        turns.answered(existing, &HashMap::new(), &BTreeSet::new());
        assert!(matches!(turns.of(&name("a")), Some(Some(_))), "heard before");
        turns.answered(names(&["c"]), &HashMap::new(), &BTreeSet::new());
        assert!(turns.of(&name("a")).is_none(), "it is gone");
    }
}
