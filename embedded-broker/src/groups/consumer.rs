//! The newer consumer group (KIP-848): the broker assigns, and each member moves to its share at its own pace.
//!
//! The group's epoch grows with every change of members, subscriptions or topics, and with it the target of each member.
//! A member first gives up what it is to lose, then takes up the group's epoch, then gets what others have given up.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use kafka_protocol::ResponseError;

use super::assignor::{Assignor, Share};
use super::limits::MOST_MEMBERS;
use super::subscriber::gone;
pub use super::subscriber::{Beat, LEAVES, LEAVES_FOR_A_WHILE, Report, Subscriber};

/// A group.
#[derive(Debug, Default)]
pub struct ConsumerGroup {
    pub epoch: i32,
    /// The epoch in which targets were last set. Where nobody is left there are none to set.
    pub assignment_epoch: i32,
    pub members: BTreeMap<String, Subscriber>,
    /// Partitions of the topics that anybody reads, as they were when the targets were set.
    partitions: BTreeMap<String, i32>,
}

impl ConsumerGroup {
    /// As in ConsumerGroupDescribe.
    pub fn state(&self) -> &'static str {
        let there = |member: &Subscriber| member.epoch == self.epoch && member.assigned == member.target;
        if self.members.is_empty() {
            "Empty"
        } else if self.members.values().all(there) {
            "Stable"
        } else {
            "Reconciling"
        }
    }

    /// The one way to assign that all members ask for, or the default.
    pub fn assignor(&self) -> Assignor {
        let mut asked = self.members.values().map(|member| member.assignor);
        let first = asked.next().unwrap_or_default();
        if asked.all(|other| other == first) {
            first
        } else {
            Assignor::default()
        }
    }

    /// Takes a report. `count` says how many partitions a topic has, if there is one.
    pub fn heartbeat(
        &mut self,
        report: &Report,
        count: impl Fn(&str) -> Option<i32>,
        session: Duration,
        now: Instant,
    ) -> Result<Beat, ResponseError> {
        match report.epoch {
            LEAVES => return self.leave(&report.member_id),
            LEAVES_FOR_A_WHILE => return self.pause(&report.member_id),
            _ => {}
        }
        let members = self.members.len();
        match report.epoch {
            0 => self.join(report)?,
            _ => self.check_report(report)?,
        }
        let changed = self.update(report, session, now)? || self.members.len() > members;
        let partitions = self.subscribed(count);
        if changed || partitions != self.partitions {
            self.partitions = partitions;
            self.retarget();
        }
        self.reconcile(report, now)
    }

    fn join(&mut self, report: &Report) -> Result<(), ResponseError> {
        // Who begins anew keeps its place: nothing has changed for the others.
        if self.members.contains_key(&report.member_id) {
            return Ok(());
        }
        if self.members.len() >= MOST_MEMBERS {
            return Err(ResponseError::GroupMaxSizeReached);
        }
        let mut member = Subscriber::default();
        if let Some(instance) = &report.instance_id {
            let former = self
                .members
                .iter()
                .find(|(id, member)| **id != report.member_id && member.instance_id.as_ref() == Some(instance));
            if let Some((id, former)) = former {
                if !former.away {
                    return Err(ResponseError::UnreleasedInstanceId);
                }
                member.target.clone_from(&former.target);
                let id = id.clone();
                self.members.remove(&id);
            }
        }
        self.members.insert(report.member_id.clone(), member);
        Ok(())
    }

    fn check_report(&self, report: &Report) -> Result<(), ResponseError> {
        let member = self
            .members
            .get(&report.member_id)
            .ok_or(ResponseError::UnknownMemberId)?;
        let owned = report.owned.as_ref();
        let repeated =
            report.epoch == member.previous_epoch && owned.is_some_and(|owned| owned.is_subset(&member.assigned));
        if report.epoch == member.epoch || repeated {
            Ok(())
        } else {
            Err(ResponseError::FencedMemberEpoch)
        }
    }

    /// Takes up what was reported; returns whether that changes anybody's share.
    fn update(&mut self, report: &Report, session: Duration, now: Instant) -> Result<bool, ResponseError> {
        let member = self
            .members
            .get_mut(&report.member_id)
            .ok_or(ResponseError::UnknownMemberId)?;
        member.client_id.clone_from(&report.client_id);
        member.host.clone_from(&report.host);
        member.expires = Some(now + session);
        member.away = false;
        if report.instance_id.is_some() {
            member.instance_id.clone_from(&report.instance_id);
        }
        if report.rack_id.is_some() {
            member.rack_id.clone_from(&report.rack_id);
        }
        if let Some(timeout) = report.rebalance_timeout {
            member.rebalance_timeout = timeout;
        }
        let mut changed = false;
        if let Some(topics) = report.topics.as_ref().filter(|topics| **topics != member.topics) {
            member.topics.clone_from(topics);
            changed = true;
        }
        if let Some(assignor) = report.assignor {
            changed |= assignor != member.assignor;
            member.assignor = assignor;
        }
        Ok(changed)
    }

    fn subscribed(&self, count: impl Fn(&str) -> Option<i32>) -> BTreeMap<String, i32> {
        let names: BTreeSet<&String> = self.members.values().flat_map(|member| &member.topics).collect();
        let counted = names.into_iter().map(|name| Some((name.clone(), count(name)?)));
        counted.flatten().collect()
    }

    /// A new epoch with new targets. Members move towards them with their own reports.
    fn retarget(&mut self) {
        self.epoch += 1;
        if self.members.is_empty() {
            return;
        }
        self.assignment_epoch = self.epoch;
        let members = self.members.iter();
        let members = members
            .map(|(id, member)| (id.as_str(), (&member.topics, &member.target)))
            .collect();
        let mut targets = self.assignor().assign(&members, &self.partitions);
        for (id, member) in &mut self.members {
            member.target = targets.remove(id).unwrap_or_default();
        }
    }

    /// Moves a member a step towards its target.
    fn reconcile(&mut self, report: &Report, now: Instant) -> Result<Beat, ResponseError> {
        let epoch = self.epoch;
        let taken: Share = self
            .members
            .iter()
            .filter(|(id, _)| **id != report.member_id)
            .flat_map(|(_, member)| member.assigned.union(&member.revoking))
            .cloned()
            .collect();
        let member = self
            .members
            .get_mut(&report.member_id)
            .ok_or(ResponseError::UnknownMemberId)?;
        let before = member.assigned.clone();
        if let Some(owned) = &report.owned
            && owned.is_disjoint(&member.revoking)
        {
            member.revoking.clear();
            member.revoke_by = None;
        }
        if member.revoking.is_empty() {
            member.revoking = member.assigned.difference(&member.target).cloned().collect();
            member.assigned.retain(|one| member.target.contains(one));
            if member.revoking.is_empty() {
                member.advance_to(epoch);
                let free = member.target.difference(&taken).cloned();
                member.assigned.extend(free);
            } else {
                member.revoke_by = Some(now + member.rebalance_timeout);
            }
        }
        let full = report.epoch == 0 || (report.topics.is_some() && report.owned.is_some());
        Ok(Beat {
            epoch: member.epoch,
            assignment: (full || member.assigned != before).then(|| member.assigned.clone()),
        })
    }

    fn leave(&mut self, id: &str) -> Result<Beat, ResponseError> {
        self.members.remove(id).ok_or(ResponseError::UnknownMemberId)?;
        self.retarget();
        Ok(gone(LEAVES))
    }

    /// A static member keeps its share until it is back or its time is over.
    fn pause(&mut self, id: &str) -> Result<Beat, ResponseError> {
        let member = self.members.get_mut(id).ok_or(ResponseError::UnknownMemberId)?;
        if member.instance_id.is_none() {
            return Err(ResponseError::InvalidRequest);
        }
        member.away = true;
        Ok(gone(LEAVES_FOR_A_WHILE))
    }

    /// Lets time pass: who is silent, or does not give up what it should, is out. Returns whether anybody was.
    pub fn tick(&mut self, now: Instant) -> bool {
        let count = self.members.len();
        let over = |deadline: Option<Instant>| deadline.is_some_and(|deadline| deadline <= now);
        self.members
            .retain(|_, member| !over(member.expires) && !over(member.revoke_by));
        let changed = self.members.len() < count;
        if changed {
            self.retarget();
        }
        changed
    }

    /// Everybody's time-out begins anew.
    pub fn forgive(&mut self, session: Duration, now: Instant) {
        for member in self.members.values_mut() {
            member.expires = Some(now + session);
        }
    }

    /// Whether a member may commit or read commits. Without members anybody may who claims none.
    pub fn check_epoch(&self, id: &str, epoch: i32) -> Result<(), ResponseError> {
        if epoch < 0 && self.members.is_empty() {
            return Ok(());
        }
        let member = self.members.get(id).ok_or(ResponseError::UnknownMemberId)?;
        if member.epoch == epoch {
            Ok(())
        } else {
            Err(ResponseError::StaleMemberEpoch)
        }
    }
}
