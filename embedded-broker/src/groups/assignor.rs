//! Who reads which partition, decided by the broker for groups of the newer protocol. Pure, and always the same for the
//! same input.

use std::collections::{BTreeMap, BTreeSet};

/// Partitions by topic and number.
pub type Share = BTreeSet<(String, i32)>;

/// The ways to assign, by the names that clients ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Assignor {
    /// As even as can be, and as few moves as can be.
    #[default]
    Uniform,
    /// Topic by topic, neighbours to the same member.
    Range,
}

impl Assignor {
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "uniform" => Some(Self::Uniform),
            "range" => Some(Self::Range),
            _ => None,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Uniform => "uniform",
            Self::Range => "range",
        }
    }

    /// Assigns every partition of the subscribed topics. `members`: what each has subscribed to and has now.
    pub fn assign(
        self,
        members: &BTreeMap<&str, (&BTreeSet<String>, &Share)>,
        partitions: &BTreeMap<String, i32>,
    ) -> BTreeMap<String, Share> {
        match self {
            Self::Uniform => uniform(members, partitions),
            Self::Range => range(members, partitions),
        }
    }
}

type Members<'a> = BTreeMap<&'a str, (&'a BTreeSet<String>, &'a Share)>;

fn uniform(members: &Members<'_>, partitions: &BTreeMap<String, i32>) -> BTreeMap<String, Share> {
    let mut shares: BTreeMap<String, Share> = members.keys().map(|id| ((*id).to_owned(), Share::new())).collect();
    let mut free = Vec::new();
    for (topic, count) in partitions {
        for number in 0..*count {
            let one = (topic.clone(), number);
            let owner = members
                .iter()
                .find(|(_, (topics, has))| topics.contains(topic) && has.contains(&one));
            match owner.and_then(|(id, _)| shares.get_mut(*id)) {
                Some(share) => {
                    share.insert(one);
                }
                None => free.push(one),
            }
        }
    }
    for one in free {
        if let Some(id) = lightest(members, &shares, &one.0) {
            shares.entry(id).or_default().insert(one);
        }
    }
    while level(members, &mut shares) {}
    shares
}

/// The member with least to do, of those that read the topic.
fn lightest(members: &Members<'_>, shares: &BTreeMap<String, Share>, topic: &str) -> Option<String> {
    members
        .iter()
        .filter(|(_, (topics, _))| topics.contains(topic))
        .map(|(id, _)| *id)
        .min_by_key(|id| shares.get(*id).map_or(0, BTreeSet::len))
        .map(str::to_owned)
}

/// Moves one partition to a member that has at least two fewer; false when there is no such move.
fn level(members: &Members<'_>, shares: &mut BTreeMap<String, Share>) -> bool {
    let mut from: Vec<(&String, &Share)> = shares.iter().collect();
    from.sort_by_key(|(_, share)| std::cmp::Reverse(share.len()));
    let found = from.into_iter().find_map(|(giver, share)| {
        share.iter().rev().find_map(|one| {
            let taker = lightest(members, shares, &one.0)?;
            let has = shares.get(&taker).map_or(0, BTreeSet::len);
            (has + 2 <= share.len()).then(|| (giver.clone(), taker, one.clone()))
        })
    });
    let Some((giver, taker, one)) = found else {
        return false;
    };
    if let Some(share) = shares.get_mut(&giver) {
        share.remove(&one);
    }
    shares.entry(taker).or_default().insert(one);
    true
}

fn range(members: &Members<'_>, partitions: &BTreeMap<String, i32>) -> BTreeMap<String, Share> {
    let mut shares: BTreeMap<String, Share> = members.keys().map(|id| ((*id).to_owned(), Share::new())).collect();
    for (topic, count) in partitions {
        let readers: Vec<&str> = members
            .iter()
            .filter(|(_, (topics, _))| topics.contains(topic))
            .map(|(id, _)| *id)
            .collect();
        let (count, mut next) = (usize::try_from(*count).unwrap_or(0), 0);
        for (place, id) in readers.iter().enumerate() {
            let many = count / readers.len() + usize::from(place < count % readers.len());
            let share = shares.entry((*id).to_owned()).or_default();
            share.extend((0..many).map(|i| (topic.clone(), next + i as i32)));
            next += many as i32;
        }
    }
    shares
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn topics(names: &[&str]) -> BTreeSet<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn sizes(shares: &BTreeMap<String, Share>) -> Vec<usize> {
        shares.values().map(BTreeSet::len).collect()
    }

    #[test]
    fn an_even_share_keeps_what_members_have() {
        let (orders, none) = (topics(&["orders"]), Share::new());
        let partitions = BTreeMap::from([("orders".to_owned(), 6)]);
        let alone = uniform(&BTreeMap::from([("a", (&orders, &none))]), &partitions);
        assert_eq!(sizes(&alone), [6]);
        let two = BTreeMap::from([("a", (&orders, &alone["a"])), ("b", (&orders, &none))]);
        let shared = uniform(&two, &partitions);
        assert_eq!(sizes(&shared), [3, 3]);
        assert!(shared["a"].is_subset(&alone["a"]));
    }

    #[test]
    fn a_range_gives_neighbours_to_the_same_member() {
        let (orders, none) = (topics(&["orders"]), Share::new());
        let partitions = BTreeMap::from([("orders".to_owned(), 5)]);
        let two = BTreeMap::from([("a", (&orders, &none)), ("b", (&orders, &none))]);
        let numbers: Vec<Vec<i32>> = range(&two, &partitions)
            .values()
            .map(|share| share.iter().map(|(_, number)| *number).collect())
            .collect();
        assert_eq!(numbers, [vec![0, 1, 2], vec![3, 4]]);
    }

    #[test]
    fn who_did_not_subscribe_gets_nothing() {
        let (orders, other, none) = (topics(&["orders"]), topics(&["other"]), Share::new());
        let partitions = BTreeMap::from([("orders".to_owned(), 4)]);
        let two = BTreeMap::from([("a", (&orders, &none)), ("b", (&other, &none))]);
        for assignor in [Assignor::Uniform, Assignor::Range] {
            assert_eq!(sizes(&assignor.assign(&two, &partitions)), [4, 0]);
        }
    }

    proptest! {
        #[test]
        fn every_partition_has_one_reader_and_shares_are_even(
            subscribed in prop::collection::vec(prop::collection::btree_set("[abc]", 1..4), 1..6),
            counts in prop::collection::vec(0_i32..8, 3),
        ) {
            let none = Share::new();
            let names: Vec<String> = (0..subscribed.len()).map(|i| format!("m{i}")).collect();
            let members: Members<'_> = names.iter().zip(&subscribed).map(|(n, s)| (n.as_str(), (s, &none))).collect();
            let partitions: BTreeMap<String, i32> = ["a", "b", "c"].map(str::to_owned).into_iter().zip(counts).collect();
            let read: Share = partitions
                .iter()
                .filter(|(topic, _)| subscribed.iter().any(|own| own.contains(*topic)))
                .flat_map(|(topic, count)| (0..*count).map(|number| (topic.clone(), number)))
                .collect();
            for assignor in [Assignor::Uniform, Assignor::Range] {
                let shares = assignor.assign(&members, &partitions);
                prop_assert_eq!(shares.values().map(BTreeSet::len).sum::<usize>(), read.len());
                prop_assert_eq!(shares.values().flatten().cloned().collect::<Share>(), read.clone());
            }
            if subscribed.iter().all(|own| own == &subscribed[0]) {
                let sizes = sizes(&uniform(&members, &partitions));
                prop_assert!(sizes.iter().max().unwrap_or(&0) - sizes.iter().min().unwrap_or(&0) <= 1);
            }
        }
    }
}
