//! The classic group: members join, one of them assigns, all learn their share, and from then on they report.
//!
//! Empty -> PreparingRebalance -> CompletingRebalance -> Stable. A join or a sync that cannot be answered yet is asked
//! again ([`Classic::joined`], [`Classic::synced`]) whenever the group has changed.

use std::collections::BTreeMap;
use std::time::Instant;

use bytes::Bytes;
use kafka_protocol::ResponseError;

use super::member::Member;

/// Where the group stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Phase {
    Empty,
    Preparing,
    Completing,
    Stable,
}

impl Phase {
    /// As in ListGroups.
    pub fn name(self) -> &'static str {
        match self {
            Self::Empty => "Empty",
            Self::Preparing => "PreparingRebalance",
            Self::Completing => "CompletingRebalance",
            Self::Stable => "Stable",
        }
    }
}

/// A group.
#[derive(Debug, Default)]
pub struct Classic {
    pub(super) phase: Option<Phase>,
    pub generation: i32,
    pub protocol_type: String,
    pub protocol: String,
    pub leader: String,
    pub members: BTreeMap<String, Member>,
    /// Ids that were given out and not used yet, with the time when they lapse.
    pub(super) promised: BTreeMap<String, Instant>,
    /// When the phase ends without those who have not come.
    pub(super) deadline: Option<Instant>,
    /// Not before then, so that members that start together share a generation.
    pub(super) not_before: Option<Instant>,
}

/// The answer to a join.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Joined {
    pub member_id: String,
    pub generation: i32,
    pub protocol_type: String,
    pub protocol: String,
    pub leader: String,
    /// Everybody with what they said, for the leader only.
    pub members: Vec<(String, Option<String>, Bytes)>,
}

/// What became of a join.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Admission {
    /// The answer comes with the next generation, for this member.
    Wait(String),
    Now(Joined),
    /// Ask again with this id.
    AskAgain(String),
}

impl Classic {
    /// A stable group whose one member only poses: it has all partitions of a topic, and never goes.
    pub fn posing(topic: &str, partitions: i32, number: usize) -> Self {
        let id = format!("pose-{number}");
        let member = Member::posing(topic, partitions);
        Self {
            phase: Some(Phase::Stable),
            generation: 1,
            protocol_type: "consumer".to_owned(),
            protocol: "range".to_owned(),
            leader: id.clone(),
            members: BTreeMap::from([(id, member)]),
            ..Self::default()
        }
    }

    pub fn phase(&self) -> Phase {
        self.phase.unwrap_or(Phase::Empty)
    }

    /// The member that has an instance id.
    pub fn member_of(&self, instance: &str) -> Option<String> {
        let named = |member: &Member| member.instance_id.as_deref() == Some(instance);
        self.members
            .iter()
            .find(|(_, member)| named(member))
            .map(|(id, _)| id.clone())
    }

    /// A rebalance begins; those who do not come within the longest of their time-outs are out.
    pub(super) fn prepare(&mut self, now: Instant) {
        if self.phase() == Phase::Preparing {
            return;
        }
        self.phase = Some(Phase::Preparing);
        let longest = self.members.values().map(|member| member.rebalance_timeout).max();
        self.deadline = longest.map(|longest| now + longest);
    }

    /// The answer to who asked to join: `None` while the generation is still being prepared.
    pub fn joined(&self, id: &str) -> Option<Result<Joined, ResponseError>> {
        let Some(member) = self.members.get(id) else {
            return Some(Err(ResponseError::UnknownMemberId));
        };
        if self.phase() == Phase::Preparing && member.joined {
            return None;
        }
        Some(Ok(self.answer(id)))
    }

    pub(super) fn answer(&self, id: &str) -> Joined {
        let said = |(id, member): (&String, &Member)| {
            (id.clone(), member.instance_id.clone(), member.metadata(&self.protocol))
        };
        let members = if id == self.leader {
            self.members.iter().map(said).collect()
        } else {
            Vec::new()
        };
        Joined {
            member_id: id.to_owned(),
            generation: self.generation,
            protocol_type: self.protocol_type.clone(),
            protocol: self.protocol.clone(),
            leader: self.leader.clone(),
            members,
        }
    }

    /// A member asks for its share; the leader brings everybody's. `None`: the leader has not brought them yet.
    pub fn sync(
        &mut self,
        id: &str,
        generation: i32,
        assignments: Vec<(String, Bytes)>,
        now: Instant,
    ) -> Option<Result<Bytes, ResponseError>> {
        if let Err(error) = self.check(id, generation) {
            return Some(Err(error));
        }
        if let Some(member) = self.members.get_mut(id) {
            member.alive(now);
        }
        if self.phase() == Phase::Completing && id == self.leader {
            self.members
                .values_mut()
                .for_each(|member| member.assignment = Bytes::new());
            for (id, assignment) in assignments {
                if let Some(member) = self.members.get_mut(&id) {
                    // A slice would keep the whole request in memory.
                    member.assignment = Bytes::copy_from_slice(&assignment);
                }
            }
            self.phase = Some(Phase::Stable);
            self.deadline = None;
        }
        let answer = self.synced(id, generation);
        if let (None, Some(member)) = (&answer, self.members.get_mut(id)) {
            member.waiting = true;
        }
        answer
    }

    /// The answer to who asked for its share.
    pub fn synced(&self, id: &str, generation: i32) -> Option<Result<Bytes, ResponseError>> {
        if let Err(error) = self.check(id, generation) {
            return Some(Err(error));
        }
        match self.phase() {
            Phase::Completing => None,
            Phase::Stable => Some(Ok(self.members.get(id)?.assignment.clone())),
            Phase::Preparing => Some(Err(ResponseError::RebalanceInProgress)),
            Phase::Empty => Some(Err(ResponseError::UnknownMemberId)),
        }
    }

    /// A sign of life. The answer tells the member to join again while a rebalance is prepared.
    pub fn heartbeat(&mut self, id: &str, generation: i32, now: Instant) -> Result<(), ResponseError> {
        self.check(id, generation)?;
        if let Some(member) = self.members.get_mut(id) {
            member.alive(now);
        }
        match self.phase() {
            Phase::Preparing => Err(ResponseError::RebalanceInProgress),
            _ => Ok(()),
        }
    }

    /// Whether this member is of this generation.
    pub fn check(&self, id: &str, generation: i32) -> Result<(), ResponseError> {
        if !self.members.contains_key(id) {
            return Err(ResponseError::UnknownMemberId);
        }
        if generation != self.generation {
            return Err(ResponseError::IllegalGeneration);
        }
        Ok(())
    }

    /// Whether this member may commit. Clients without a group commit with a generation below 0 while it is empty.
    pub fn check_commit(&mut self, id: &str, generation: i32, now: Instant) -> Result<(), ResponseError> {
        if generation < 0 && self.members.is_empty() {
            return Ok(());
        }
        self.check(id, generation)?;
        if let Some(member) = self.members.get_mut(id) {
            member.alive(now);
        }
        match self.phase() {
            Phase::Completing => Err(ResponseError::RebalanceInProgress),
            _ => Ok(()),
        }
    }

    /// Whether a member has subscribed to a topic, as far as consumers say so in their metadata.
    pub fn reads(&self, topic: &str) -> bool {
        // In the metadata of consumers a name stands behind its length, in two bytes.
        let length = u16::try_from(topic.len()).unwrap_or(u16::MAX).to_be_bytes();
        let needle = [&length, topic.as_bytes()].concat();
        self.members.values().any(|member| {
            let metadata = member.metadata(&self.protocol);
            metadata.windows(needle.len()).any(|window| window == needle)
        })
    }

    /// A member goes.
    pub fn leave(&mut self, id: &str, now: Instant) -> Result<(), ResponseError> {
        if self.promised.remove(id).is_some() {
            self.advance(now);
            return Ok(());
        }
        self.members.remove(id).ok_or(ResponseError::UnknownMemberId)?;
        self.lost_someone(now);
        Ok(())
    }

    /// The connection that waited for this member's answer is gone, or has it: from here on its time-out counts.
    pub fn stops_waiting(&mut self, id: &str, answered: bool, now: Instant) {
        if let Some(member) = self.members.get_mut(id) {
            member.waiting = false;
            if answered {
                member.alive(now);
            }
        }
    }
}
