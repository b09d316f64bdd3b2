//! What the rules say about one visit, before it is decided whether the judgement changes.

use brokerscope_contract::{Absence, Judgement, Timestamp, Verdict};

/// The verdict of one visit and its sentence.
#[derive(Debug, Clone, PartialEq)]
pub struct Assessment {
    pub verdict: Verdict,
    /// One sentence for the person on call: what, how much, why, with the deciding numbers.
    pub sentence: String,
    /// Since when it is so, where the facts tell; otherwise it counts from this visit.
    pub since: Option<Timestamp>,
    /// For [`Verdict::Unknown`]: why nothing is known.
    pub absent: Option<Absence>,
    /// There is too little to judge by yet, or a rebalance is under way: an earlier judgement stays in force.
    pub undecided: bool,
    /// Judged without the whole window: strong enough for a new trouble, too weak to soften one from before a restart.
    pub early: bool,
}

impl Assessment {
    pub fn new(verdict: Verdict, sentence: impl Into<String>) -> Assessment {
        Assessment {
            verdict,
            sentence: sentence.into(),
            since: None,
            absent: None,
            undecided: false,
            early: false,
        }
    }

    pub fn ok(sentence: impl Into<String>) -> Assessment {
        Assessment::new(Verdict::Ok, sentence)
    }

    pub fn unknown(absent: Absence, sentence: impl Into<String>) -> Assessment {
        Assessment {
            absent: Some(absent),
            ..Assessment::new(Verdict::Unknown, sentence)
        }
    }

    /// What was said before and still stands.
    pub fn standing(judgement: &Judgement) -> Assessment {
        Assessment {
            absent: judgement.absent,
            ..Assessment::new(judgement.verdict, judgement.sentence.clone()).since(Some(judgement.since))
        }
    }

    /// Not enough to judge by yet.
    pub fn undecided(sentence: impl Into<String>) -> Assessment {
        Assessment {
            undecided: true,
            ..Assessment::unknown(Absence::NoData, sentence)
        }
    }

    pub fn since(mut self, since: Option<Timestamp>) -> Assessment {
        self.since = since;
        self
    }

    pub fn early(mut self, early: bool) -> Assessment {
        self.early = early;
        self
    }
}
