//! How members come into a classic group, for the first time or again.

use std::time::{Duration, Instant};

use kafka_protocol::ResponseError;

use super::classic::{Admission, Classic, Phase};
use super::limits::{self, MOST_MEMBERS};
use super::member::{Join, Member, Protocol};

impl Classic {
    /// Lets a member in, or back in. `delay` is how long a group that was empty waits for more.
    pub fn join(
        &mut self,
        join: &Join,
        new_id: impl FnOnce() -> String,
        delay: Duration,
        now: Instant,
    ) -> Result<Admission, ResponseError> {
        limits::check_join(join)?;
        self.check_protocols(join)?;
        if let Some(instance) = &join.instance_id {
            return self.join_static(join, instance, new_id, delay, now);
        }
        if join.member_id.is_empty() {
            self.check_room()?;
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

    fn check_room(&self) -> Result<(), ResponseError> {
        if self.members.len() + self.promised.len() >= MOST_MEMBERS {
            return Err(ResponseError::GroupMaxSizeReached);
        }
        Ok(())
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
            self.check_room()?;
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
}
