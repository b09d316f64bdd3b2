//! What Brokerscope concludes about an entity without any threshold being set.

use serde::{Deserialize, Serialize};

use crate::{Absence, Timestamp};

/// The conclusion about one entity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Ok,
    /// Readers work, and fall further behind.
    Slow,
    /// Readers hold messages or positions and nothing moves.
    Stalled,
    /// What read it has stopped committing while messages wait.
    Stopped,
    /// A reader's position went back.
    Rewound,
    /// Messages wait and nobody reads.
    NoConsumer,
    /// Readers are connected and take nothing.
    NotConsuming,
    /// A dead-letter destination holds or receives messages.
    DeadLetters,
    /// The broker object or node itself is broken: offline partitions, a queue without its majority, an alarm.
    Broken,
    /// Works, but a part that protects it is missing: an under-replicated partition, a node near its limit.
    AtRisk,
    /// The connection cannot be reached.
    Unreachable,
    /// There is not enough to judge by; the judgement names why.
    Unknown,
}

/// How an entity is drawn: each status has a shape, a colour and a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    Ok,
    Unknown,
    Maintenance,
    Warning,
    Critical,
}

impl Verdict {
    pub const ALL: &[Verdict] = {
        use Verdict::*;
        &[
            Unreachable,
            Broken,
            Stopped,
            Stalled,
            Rewound,
            NoConsumer,
            NotConsuming,
            Slow,
            DeadLetters,
            AtRisk,
            Unknown,
            Ok,
        ]
    };

    pub fn status(self) -> Status {
        use Verdict::*;
        match self {
            Ok => Status::Ok,
            Slow | DeadLetters | NotConsuming | NoConsumer | AtRisk => Status::Warning,
            Stalled | Stopped | Rewound | Broken | Unreachable => Status::Critical,
            Unknown => Status::Unknown,
        }
    }

    pub fn label(self) -> &'static str {
        use Verdict::*;
        match self {
            Ok => "Ok",
            Slow => "Slow",
            Stalled => "Stalled",
            Stopped => "Stopped",
            Rewound => "Rewound",
            NoConsumer => "No consumer",
            NotConsuming => "Connected, not consuming",
            DeadLetters => "Dead letters",
            Broken => "Broken",
            AtRisk => "At risk",
            Unreachable => "Unreachable",
            Unknown => "Unknown",
        }
    }

    pub fn slug(self) -> &'static str {
        use Verdict::*;
        match self {
            Ok => "ok",
            Slow => "slow",
            Stalled => "stalled",
            Stopped => "stopped",
            Rewound => "rewound",
            NoConsumer => "no_consumer",
            NotConsuming => "not_consuming",
            DeadLetters => "dead_letters",
            Broken => "broken",
            AtRisk => "at_risk",
            Unreachable => "unreachable",
            Unknown => "unknown",
        }
    }

    pub fn from_slug(slug: &str) -> Option<Verdict> {
        Verdict::ALL.iter().copied().find(|verdict| verdict.slug() == slug)
    }

    /// Position in the order "worst first"; 0 is the worst.
    pub fn rank(self) -> usize {
        Verdict::ALL
            .iter()
            .position(|verdict| *verdict == self)
            .unwrap_or(Verdict::ALL.len())
    }
}

/// A verdict with what a person needs to act on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Judgement {
    pub verdict: Verdict,
    /// One sentence: what, how much, why. Says the deciding number.
    pub sentence: String,
    /// When this verdict was first true without interruption.
    pub since: Timestamp,
    /// For [`Verdict::Unknown`]: which kind of not knowing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub absent: Option<Absence>,
}

impl Judgement {
    pub fn new(verdict: Verdict, sentence: impl Into<String>, since: Timestamp) -> Judgement {
        Judgement {
            verdict,
            sentence: sentence.into(),
            since,
            absent: None,
        }
    }

    pub fn unknown(absent: Absence, sentence: impl Into<String>, since: Timestamp) -> Judgement {
        Judgement {
            verdict: Verdict::Unknown,
            sentence: sentence.into(),
            since,
            absent: Some(absent),
        }
    }
}
