//! The classic group: members join, one of them assigns, all learn their share, and from then on they report.
//!
//! Empty -> PreparingRebalance -> CompletingRebalance -> Stable. A join or a sync that cannot be answered yet is asked
//! again ([`Classic::joined`], [`Classic::synced`]) whenever the group has changed.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bytes::Bytes;
use kafka_protocol::ResponseError;

use super::member::{Join, Member, Protocol};

/// Members of one group.
const MOST_MEMBERS: usize = 1000;

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

    /// Lets a member in, or back in. `delay` is how long a group that was empty waits for more.
    pub fn join(
        &mut self,
        join: &Join,
        new_id: impl FnOnce() -> String,
        delay: Duration,
        now: Instant,
    ) -> Result<Admission, ResponseError> {
        self.check_protocols(join)?;
        if let Some(instance) = &join.instance_id {
            return self.join_static(join, instance, new_id, delay, now);
        }
        if join.member_id.is_empty() {
            if self.members.len() + self.promised.len() >= MOST_MEMBERS {
                return Err(ResponseError::GroupMaxSizeReached);
            }
            let id = new_id();
            if join.two_steps {
                self.promised.insert(id.clone(), now + join.session_timeout);
                return Ok(Admission::AskAgain(id));
            }
            return Ok(self.admit(id, join, delay, now));
        }
        if self.promised.remove(&join.member_id).is_some() {
            return Ok(self.admit(join.member_id.clone(), join, delay, now));
        }
        self.rejoin(join, now)
    }

    fn check_protocols(&self, join: &Join) -> Result<(), ResponseError> {
        let common = |protocol: &Protocol| {
            self.members
                .values()
                .all(|member| member.protocols.iter().any(|own| own.name == protocol.name))
        };
        let fits =
            self.members.is_empty() || (join.protocol_type == self.protocol_type && join.protocols.iter().any(common));
        if join.protocol_type.is_empty() || join.protocols.is_empty() || !fits {
            return Err(ResponseError::InconsistentGroupProtocol);
        }
        Ok(())
    }

    /// A static member takes the place of its former self, without a rebalance if nothing else has changed.
    fn join_static(
        &mut self,
        join: &Join,
        instance: &str,
        new_id: impl FnOnce() -> String,
        delay: Duration,
        now: Instant,
    ) -> Result<Admission, ResponseError> {
        let former = self.member_of(instance);
        if !join.member_id.is_empty() {
            return match former {
                Some(id) if id == join.member_id => self.rejoin(join, now),
                Some(_) => Err(ResponseError::FencedInstanceId),
                None => Err(ResponseError::UnknownMemberId),
            };
        }
        let id = new_id();
        let Some((former, mut member)) = former.and_then(|id| self.members.remove_entry(&id)) else {
            return Ok(self.admit(id, join, delay, now));
        };
        let unchanged = self.phase() == Phase::Stable
            && join.protocols.iter().find(|protocol| protocol.name == self.protocol)
                == member.protocols.iter().find(|protocol| protocol.name == self.protocol);
        member.renew(join, now);
        self.members.insert(id.clone(), member);
        if self.leader == former {
            self.leader.clone_from(&id);
        }
        if unchanged {
            return Ok(Admission::Now(self.answer(&id)));
        }
        self.ask_in(&id);
        self.prepare(now);
        self.advance(now);
        Ok(self.admission(&id))
    }

    /// The member that has an instance id.
    pub fn member_of(&self, instance: &str) -> Option<String> {
        let named = |member: &Member| member.instance_id.as_deref() == Some(instance);
        self.members
            .iter()
            .find(|(_, member)| named(member))
            .map(|(id, _)| id.clone())
    }

    fn admit(&mut self, id: String, join: &Join, delay: Duration, now: Instant) -> Admission {
        if self.members.is_empty() {
            self.protocol_type.clone_from(&join.protocol_type);
            self.not_before = (!delay.is_zero()).then(|| now + delay);
        }
        self.members.insert(id.clone(), Member::new(join, now));
        self.ask_in(&id);
        self.prepare(now);
        self.advance(now);
        self.admission(&id)
    }

    fn rejoin(&mut self, join: &Join, now: Instant) -> Result<Admission, ResponseError> {
        let id = &join.member_id;
        let protocol = self.protocol.clone();
        let member = self.members.get_mut(id).ok_or(ResponseError::UnknownMemberId)?;
        let changed = member.protocols != join.protocols;
        member.renew(join, now);
        let same_generation = match self.phase() {
            // An answer that was lost is given again.
            Phase::Completing => !changed,
            // The leader joins again when it wants a new assignment.
            Phase::Stable => !changed && *id != self.leader && !protocol.is_empty(),
            Phase::Empty | Phase::Preparing => false,
        };
        if same_generation {
            return Ok(Admission::Now(self.answer(id)));
        }
        self.ask_in(id);
        self.prepare(now);
        self.advance(now);
        Ok(self.admission(id))
    }

    fn ask_in(&mut self, id: &str) {
        // Preparing anew makes everybody ask again, so it comes first.
        if self.phase() != Phase::Preparing {
            self.members.values_mut().for_each(|member| member.joined = false);
        }
        if let Some(member) = self.members.get_mut(id) {
            member.joined = true;
            member.waiting = true;
        }
    }

    fn admission(&self, id: &str) -> Admission {
        match self.joined(id) {
            Some(Ok(joined)) => Admission::Now(joined),
            _ => Admission::Wait(id.to_owned()),
        }
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

    fn answer(&self, id: &str) -> Joined {
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
        self.synced(id, generation)
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
