//! A member of the newer kind of group: what it reports, what it is told, and what is kept of it.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use super::assignor::{Assignor, Share};

/// Epochs in which a member says that it goes: for good, or (a static one) to come back.
pub const LEAVES: i32 = -1;
pub const LEAVES_FOR_A_WHILE: i32 = -2;

/// What a member reports.
#[derive(Debug, Clone, Default)]
pub struct Report {
    pub member_id: String,
    pub epoch: i32,
    pub instance_id: Option<String>,
    pub rack_id: Option<String>,
    pub client_id: String,
    pub host: String,
    /// What did not change since the last report is not repeated.
    pub rebalance_timeout: Option<Duration>,
    pub topics: Option<BTreeSet<String>>,
    pub assignor: Option<Assignor>,
    pub owned: Option<Share>,
}

/// What it is answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Beat {
    pub epoch: i32,
    /// `None`: go on with what you have.
    pub assignment: Option<Share>,
}

/// A member.
#[derive(Debug, Clone, Default)]
pub struct Subscriber {
    pub instance_id: Option<String>,
    pub rack_id: Option<String>,
    pub client_id: String,
    pub host: String,
    pub epoch: i32,
    /// A report may carry it when the last answer was lost.
    pub(super) previous_epoch: i32,
    pub topics: BTreeSet<String>,
    pub(super) rebalance_timeout: Duration,
    pub(super) assignor: Assignor,
    pub target: Share,
    pub assigned: Share,
    /// What it has still to give up, and until when.
    pub(super) revoking: Share,
    pub(super) revoke_by: Option<Instant>,
    pub(super) expires: Option<Instant>,
    /// A static member that said it will come back.
    pub(super) away: bool,
}

impl Subscriber {
    pub(super) fn advance_to(&mut self, epoch: i32) {
        if self.epoch != epoch {
            self.previous_epoch = self.epoch;
            self.epoch = epoch;
        }
    }
}

/// The answer to who goes.
pub fn gone(epoch: i32) -> Beat {
    Beat {
        epoch,
        assignment: None,
    }
}
