//! A member of a classic group, and what it asks for when it joins.

use std::time::{Duration, Instant};

use bytes::{BufMut, Bytes, BytesMut};

/// A way to assign partitions that a member can follow, with what it says for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Protocol {
    pub name: String,
    pub metadata: Bytes,
}

/// A request to join.
#[derive(Debug, Clone)]
pub struct Join {
    /// Empty for one that has not been here before.
    pub member_id: String,
    /// Set for static members, which keep their place over a restart.
    pub instance_id: Option<String>,
    pub client_id: String,
    pub host: String,
    pub session_timeout: Duration,
    pub rebalance_timeout: Duration,
    pub protocol_type: String,
    pub protocols: Vec<Protocol>,
    /// Whether a newcomer is given its id first and has to ask again with it, so that lost answers leave no ghosts.
    pub two_steps: bool,
}

/// Who is in the group.
#[derive(Debug, Clone)]
pub struct Member {
    pub instance_id: Option<String>,
    pub client_id: String,
    pub host: String,
    pub session_timeout: Duration,
    pub rebalance_timeout: Duration,
    pub protocols: Vec<Protocol>,
    pub assignment: Bytes,
    /// Without a sign of life it is out then. `None`: it only poses, and stays.
    pub expires: Option<Instant>,
    /// Has asked to be in the generation that is being prepared.
    pub joined: bool,
    /// Its connection waits for the answer to a join or a sync, which is a sign of life.
    pub waiting: bool,
}

impl Member {
    pub fn new(join: &Join, now: Instant) -> Self {
        Self {
            instance_id: join.instance_id.clone(),
            client_id: join.client_id.clone(),
            host: join.host.clone(),
            session_timeout: join.session_timeout,
            rebalance_timeout: join.rebalance_timeout,
            protocols: join.protocols.clone(),
            assignment: Bytes::new(),
            expires: Some(now + join.session_timeout),
            joined: false,
            waiting: false,
        }
    }

    /// One that is not there, with what consumers say to each other: version, topics, and no data of their own.
    pub fn posing(topic: &str, partitions: i32) -> Self {
        let mut subscription = BytesMut::new();
        subscription.put_i16(0);
        subscription.put_i32(1);
        subscription.put_u16(topic.len() as u16);
        subscription.put_slice(topic.as_bytes());
        let mut assignment = subscription.clone();
        subscription.put_i32(-1);
        assignment.put_i32(partitions);
        (0..partitions).for_each(|partition| assignment.put_i32(partition));
        assignment.put_i32(-1);
        let protocol = Protocol {
            name: "range".to_owned(),
            metadata: subscription.freeze(),
        };
        Self {
            instance_id: None,
            client_id: "pose".to_owned(),
            host: "127.0.0.1".to_owned(),
            session_timeout: Duration::from_secs(45),
            rebalance_timeout: Duration::from_secs(60),
            protocols: vec![protocol],
            assignment: assignment.freeze(),
            expires: None,
            joined: true,
            waiting: false,
        }
    }

    /// Takes up what a member says when it joins again.
    pub fn renew(&mut self, join: &Join, now: Instant) {
        self.client_id.clone_from(&join.client_id);
        self.host.clone_from(&join.host);
        self.session_timeout = join.session_timeout;
        self.rebalance_timeout = join.rebalance_timeout;
        self.protocols.clone_from(&join.protocols);
        self.alive(now);
    }

    /// A sign of life. One that only poses needs none.
    pub fn alive(&mut self, now: Instant) {
        if self.expires.is_some() {
            self.expires = Some(now + self.session_timeout);
        }
    }

    /// What it said for a protocol.
    pub fn metadata(&self, protocol: &str) -> Bytes {
        let own = self.protocols.iter().find(|own| own.name == protocol);
        own.map(|own| own.metadata.clone()).unwrap_or_default()
    }
}
