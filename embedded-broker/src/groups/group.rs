//! One group of whichever kind: its members, its commits, and what time will still do to it.

use std::time::{Duration, Instant};

use kafka_protocol::ResponseError;

use super::classic::{Classic, Phase};
use super::commits::Commits;
use super::consumer::ConsumerGroup;

/// A group that nobody is in and that has committed nothing is forgotten after this. Kafka takes up to ten minutes.
const DESERTED_FOR: Duration = Duration::from_secs(30);

/// How the members of a group agree on who reads what.
#[derive(Debug)]
pub enum Kind {
    Classic(Classic),
    Consumer(ConsumerGroup),
}

/// A group and its commits.
#[derive(Debug)]
pub struct Group {
    pub kind: Kind,
    pub commits: Commits,
    /// Since when nobody is in it and it has no commits, as far as somebody has looked.
    deserted_since: Option<Instant>,
}

impl Default for Group {
    fn default() -> Self {
        Self {
            kind: Kind::Classic(Classic::default()),
            commits: Commits::default(),
            deserted_since: None,
        }
    }
}

impl Group {
    pub fn new(kind: Kind, commits: Commits) -> Self {
        Self {
            kind,
            commits,
            ..Self::default()
        }
    }

    /// As in ListGroups.
    pub fn state(&self) -> &'static str {
        match &self.kind {
            Kind::Classic(classic) => classic.phase().name(),
            Kind::Consumer(group) => group.state(),
        }
    }

    /// As in ListGroups.
    pub fn type_name(&self) -> &'static str {
        match &self.kind {
            Kind::Classic(_) => "classic",
            Kind::Consumer(_) => "consumer",
        }
    }

    pub fn protocol_type(&self) -> &str {
        match &self.kind {
            Kind::Classic(classic) => &classic.protocol_type,
            Kind::Consumer(_) => "consumer",
        }
    }

    pub fn is_empty(&self) -> bool {
        match &self.kind {
            Kind::Classic(classic) => classic.members.is_empty() && classic.phase() == Phase::Empty,
            Kind::Consumer(group) => group.members.is_empty(),
        }
    }

    /// Whether a member may commit.
    pub fn check_commit(
        &mut self,
        member: &str,
        instance: Option<&str>,
        epoch: i32,
        now: Instant,
    ) -> Result<(), ResponseError> {
        match &mut self.kind {
            Kind::Classic(classic) => {
                let current = instance.and_then(|instance| classic.member_of(instance));
                if current.is_some_and(|current| current != member) {
                    return Err(ResponseError::FencedInstanceId);
                }
                classic.check_commit(member, epoch, now)
            }
            Kind::Consumer(group) => group.check_epoch(member, epoch),
        }
    }

    /// Whether a member that gives its epoch may read commits. Classic groups have no epochs.
    pub fn check_reader(&self, member: &str, epoch: i32) -> Result<(), ResponseError> {
        match &self.kind {
            Kind::Classic(_) => Ok(()),
            Kind::Consumer(group) => group.check_epoch(member, epoch),
        }
    }

    /// Whether a member has subscribed to a topic.
    pub fn reads(&self, topic: &str) -> bool {
        match &self.kind {
            Kind::Classic(classic) => classic.reads(topic),
            Kind::Consumer(group) => group.members.values().any(|member| member.topics.contains(topic)),
        }
    }

    /// Lets time pass; returns whether anything has changed.
    pub(super) fn tick(&mut self, now: Instant) -> bool {
        match &mut self.kind {
            Kind::Classic(classic) => classic.tick(now),
            Kind::Consumer(group) => group.tick(now),
        }
    }

    /// What time will still do to it.
    pub(super) fn outlook(&mut self, now: Instant) -> Outlook {
        let promised = matches!(&self.kind, Kind::Classic(classic) if !classic.promised.is_empty());
        if !self.is_empty() || promised {
            self.deserted_since = None;
            return Outlook::Lively;
        }
        if !self.commits.is_empty() {
            return Outlook::AtRest;
        }
        let since = *self.deserted_since.get_or_insert(now);
        if now.saturating_duration_since(since) < DESERTED_FOR {
            Outlook::Lively
        } else {
            Outlook::Deserted
        }
    }
}

/// Whether time matters to a group.
pub(super) enum Outlook {
    Lively,
    /// Nobody is in it, and its commits stay.
    AtRest,
    /// Nothing is left of it but its name.
    Deserted,
}
