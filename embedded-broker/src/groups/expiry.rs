//! What time does to a classic group: members that are silent go, and rebalances end without those who do not come.

use std::time::Instant;

use super::classic::{Classic, Phase};

impl Classic {
    /// Lets time pass; returns whether anything has changed.
    pub fn tick(&mut self, now: Instant) -> bool {
        let before = (self.phase(), self.generation, self.members.len(), self.promised.len());
        self.promised.retain(|_, lapses| *lapses > now);
        self.expire(now);
        self.miss_deadline(now);
        self.advance(now);
        before != (self.phase(), self.generation, self.members.len(), self.promised.len())
    }

    /// Who shows no sign of life goes, also while a rebalance is prepared; waiting for an answer is a sign of life.
    fn expire(&mut self, now: Instant) {
        let count = self.members.len();
        self.members
            .retain(|_, member| member.waiting || member.expires.is_none_or(|expires| expires > now));
        if self.members.len() < count {
            self.lost_someone(now);
        }
    }

    /// Who has not joined in time goes; so does a leader that does not bring the assignment.
    fn miss_deadline(&mut self, now: Instant) {
        if self.deadline.is_none_or(|deadline| deadline > now) {
            return;
        }
        self.deadline = None;
        match self.phase() {
            Phase::Preparing => {
                self.members.retain(|_, member| member.joined);
                self.promised.clear();
            }
            Phase::Completing => {
                let leader = std::mem::take(&mut self.leader);
                self.members.remove(&leader);
                self.lost_someone(now);
            }
            Phase::Empty | Phase::Stable => {}
        }
    }

    /// The group goes on without a member.
    pub(super) fn lost_someone(&mut self, now: Instant) {
        if matches!(self.phase(), Phase::Stable | Phase::Completing) {
            self.members.values_mut().for_each(|member| member.joined = false);
            self.prepare(now);
        }
        self.advance(now);
    }

    /// Begins the next generation once everybody has joined.
    pub(super) fn advance(&mut self, now: Instant) {
        let ready = self.phase() == Phase::Preparing
            && self.members.values().all(|member| member.joined)
            && self.promised.is_empty()
            && self.not_before.is_none_or(|not_before| not_before <= now);
        if !ready {
            return;
        }
        self.not_before = None;
        self.generation += 1;
        if self.members.is_empty() {
            self.phase = Some(Phase::Empty);
            self.deadline = None;
            self.leader.clear();
            self.protocol.clear();
            return;
        }
        if !self.members.contains_key(&self.leader) {
            self.leader = self.members.keys().next().cloned().unwrap_or_default();
        }
        self.protocol = self.elect_protocol();
        self.phase = Some(Phase::Completing);
        let longest = self.members.values().map(|member| member.rebalance_timeout).max();
        self.deadline = longest.map(|longest| now + longest);
        for member in self.members.values_mut() {
            member.alive(now);
        }
    }

    /// The protocol that most members like best, of those that all can follow.
    fn elect_protocol(&self) -> String {
        let mut members = self.members.values();
        let Some(first) = members.next() else {
            return String::new();
        };
        let can = |name: &str| {
            let mut others = members.clone();
            others.all(|member| member.protocols.iter().any(|own| own.name == name))
        };
        let candidates: Vec<&str> = first
            .protocols
            .iter()
            .map(|protocol| protocol.name.as_str())
            .filter(|name| can(name))
            .collect();
        let votes = |name: &str| {
            let favourite = |member: &&super::Member| {
                let liked = member.protocols.iter().map(|own| own.name.as_str());
                liked.into_iter().find(|own| candidates.contains(own)) == Some(name)
            };
            self.members.values().filter(favourite).count()
        };
        // The first of several with as many votes.
        let best = candidates.iter().rev().max_by_key(|name| votes(name));
        best.map(|name| (*name).to_owned()).unwrap_or_default()
    }
}
