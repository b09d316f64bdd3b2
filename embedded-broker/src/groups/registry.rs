//! All groups by name, and which of them time matters to.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use kafka_protocol::ResponseError;

use super::classic::Classic;
use super::consumer::ConsumerGroup;
use super::group::{Group, Kind, Outlook};
use super::limits::{Held, LONGEST_NAME};

/// Groups that there can be. The pose of a large cluster has 15,000.
const MOST_GROUPS: usize = 50_000;

/// All groups.
#[derive(Debug, Default)]
pub struct Groups {
    by_name: BTreeMap<String, Group>,
    /// Those with members that can fall silent, and those that may be forgotten.
    lively: BTreeSet<String>,
    held: Held,
}

impl Groups {
    pub fn get(&self, name: &str) -> Option<&Group> {
        self.by_name.get(name)
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &Group)> {
        self.by_name.iter().map(|(name, group)| (name.as_str(), group))
    }

    /// Makes room in all groups together for what a request of so many bytes may leave behind.
    pub fn make_room(&mut self, request: usize, most: usize) -> Result<(), ResponseError> {
        self.held.make_room(request, most)
    }

    /// Counts what all groups hold.
    pub fn count_bytes(&mut self) {
        self.held.count(self.by_name.iter());
    }

    /// A group that is there already; time matters to it from now on.
    pub fn known(&mut self, name: &str) -> Option<&mut Group> {
        let group = self.by_name.get_mut(name)?;
        if !self.lively.contains(name) {
            self.lively.insert(name.to_owned());
        }
        Some(group)
    }

    /// A group, made if there is none. As in Kafka, commits may come for one without a name.
    pub fn ensure(&mut self, name: &str) -> Result<&mut Group, ResponseError> {
        if name.len() > LONGEST_NAME {
            return Err(ResponseError::InvalidGroupId);
        }
        if !self.by_name.contains_key(name) {
            if self.by_name.len() >= MOST_GROUPS {
                return Err(ResponseError::CoordinatorNotAvailable);
            }
            self.by_name.insert(name.to_owned(), Group::default());
        }
        self.known(name).ok_or(ResponseError::CoordinatorNotAvailable)
    }

    /// A classic group, made if there is none. One of the other kind becomes classic when nobody is in it.
    pub fn classic(&mut self, name: &str) -> Result<&mut Classic, ResponseError> {
        if name.is_empty() {
            return Err(ResponseError::InvalidGroupId);
        }
        let group = self.ensure(name)?;
        if matches!(group.kind, Kind::Consumer(_)) && group.is_empty() {
            group.kind = Kind::Classic(Classic::default());
        }
        match &mut group.kind {
            Kind::Classic(classic) => Ok(classic),
            Kind::Consumer(_) => Err(ResponseError::InconsistentGroupProtocol),
        }
    }

    /// The classic group of this name, if there is one.
    pub fn known_classic(&mut self, name: &str) -> Option<&mut Classic> {
        match &mut self.known(name)?.kind {
            Kind::Classic(classic) => Some(classic),
            Kind::Consumer(_) => None,
        }
    }

    /// A group of the newer kind, made if there is none. A classic one is taken over when nobody is in it.
    pub fn consumer(&mut self, name: &str) -> Result<&mut ConsumerGroup, ResponseError> {
        let group = self.ensure(name)?;
        if matches!(group.kind, Kind::Classic(_)) && group.is_empty() {
            group.kind = Kind::Consumer(ConsumerGroup::default());
        }
        match &mut group.kind {
            Kind::Consumer(group) => Ok(group),
            Kind::Classic(_) => Err(ResponseError::GroupIdNotFound),
        }
    }

    /// The group of the newer kind of this name, if there is one.
    pub fn known_consumer(&mut self, name: &str) -> Option<&mut ConsumerGroup> {
        match &mut self.known(name)?.kind {
            Kind::Consumer(group) => Some(group),
            Kind::Classic(_) => None,
        }
    }

    /// Puts a group in place that only poses: time does nothing to it.
    pub fn pose(&mut self, name: String, group: Group) {
        self.by_name.insert(name, group);
    }

    pub fn remove(&mut self, name: &str) -> Result<(), ResponseError> {
        match self.by_name.get(name) {
            None => Err(ResponseError::GroupIdNotFound),
            Some(group) if !group.is_empty() => Err(ResponseError::NonEmptyGroup),
            Some(_) => {
                self.by_name.remove(name);
                self.lively.remove(name);
                Ok(())
            }
        }
    }

    /// Lets time pass for all but those that are held; returns whether anything has changed.
    pub fn tick(&mut self, now: Instant, held: impl Fn(&str) -> bool) -> bool {
        let (by_name, mut changed) = (&mut self.by_name, false);
        self.lively.retain(|name| {
            let Some(group) = by_name.get_mut(name) else {
                return false;
            };
            if !held(name) {
                changed |= group.tick(now);
            }
            match group.outlook(now) {
                Outlook::Lively => true,
                Outlook::AtRest => false,
                Outlook::Deserted => {
                    by_name.remove(name);
                    false
                }
            }
        });
        changed
    }

    /// Everybody's time-out begins anew: they could not report, and it was not their fault.
    pub fn forgive(&mut self, session: Duration, now: Instant) {
        for name in &self.lively {
            if let Some(group) = self.by_name.get_mut(name) {
                match &mut group.kind {
                    Kind::Classic(classic) => classic.members.values_mut().for_each(|member| member.alive(now)),
                    Kind::Consumer(group) => group.forgive(session, now),
                }
            }
        }
    }

    pub fn forget_topic(&mut self, topic: &str) {
        for group in self.by_name.values_mut() {
            group.commits.remove_topic(topic);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::commits::{Commit, Commits};
    use super::*;

    #[test]
    fn a_group_is_forgotten_when_nobody_is_in_it_and_nothing_is_committed() {
        let (mut groups, now) = (Groups::default(), Instant::now());
        for name in ["deserted", "committed", "also-deserted"] {
            groups.ensure(name).unwrap();
        }
        let commit = Commit {
            offset: 7,
            leader_epoch: -1,
            metadata: String::new(),
        };
        groups.known("committed").unwrap().commits.set("orders", 0, commit);
        groups.pose(
            "posed".into(),
            Group::new(Kind::Classic(Classic::default()), Commits::default()),
        );
        let mut after = |seconds| {
            groups.tick(now + Duration::from_secs(seconds), |_| false);
            groups.iter().map(|(name, _)| name.to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(after(0).len(), 4);
        assert_eq!(after(29).len(), 4, "who comes back soon finds it");
        assert_eq!(after(31), ["committed", "posed"]);
    }
}
