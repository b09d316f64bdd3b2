//! Whether what is known about a connection is still true, and what that makes of its judgements and readings.

use brokerscope_contract::{Absence, Judgement, Method, Reading, Timestamp, Verdict, metrics};
use brokerscope_figures::format::{duration, moment};

use super::{Connection, Entity};
use brokerscope_contract::MetricId;

/// An answer older than three intervals is old: one visit may be lost and one may be late.
const INTERVALS: i64 = 3;
/// Before the first visits have shown the interval, and at the least.
const USUAL_INTERVAL_MILLIS: i64 = 15_000;
/// Some questions have a slow pace of their own. Until it is known, a value counts as fresh for this long.
const SLOWEST_PACE_SECONDS: f64 = 900.0;
/// Clouds keep what they measured to themselves for up to six minutes; what they told late is late by this much less
/// than it seems.
const TOLD_LATE_SECONDS: f64 = 420.0;
/// Figures that only the last visit can vouch for: they are derived from what changed between visits.
const MOMENTARY: &[MetricId] = &[
    metrics::DRAIN_SECONDS,
    metrics::LOSS_SECONDS,
    metrics::LAG_SECONDS,
    metrics::OLDEST_AGE,
];

impl Connection {
    fn interval_millis(&self) -> i64 {
        self.visits.interval_millis.unwrap_or(USUAL_INTERVAL_MILLIS)
    }

    /// The last answer is recent enough to show values as current.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        let limit = INTERVALS * self.interval_millis().max(5_000);
        !self.known.paused
            && self.known.trouble.is_none()
            && self
                .visits
                .answered_at
                .is_some_and(|answered| now.millis_since(answered) <= limit)
    }

    /// What is to be said about the connection as a whole at this moment.
    pub fn judgement_at(&self, now: Timestamp) -> Judgement {
        self.cannot_be_visited()
            .or_else(|| self.cannot_be_stored())
            .or_else(|| self.fails(now))
            .or_else(|| self.is_silent(now))
            .or_else(|| self.judgement.clone())
            .unwrap_or_else(|| {
                let began = self.visits.answered_at.unwrap_or(now);
                Judgement::unknown(Absence::NoData, "Waiting for the first visit.", began)
            })
    }

    fn cannot_be_visited(&self) -> Option<Judgement> {
        let since = self.visits.answered_at.unwrap_or_default();
        if self.known.paused {
            // Paused by a person: none of the ways in which a broker keeps something from us.
            let sentence = "Paused: nothing is asked of this broker, and what is shown is from before.";
            return Some(Judgement::new(Verdict::Unknown, sentence, since));
        }
        let (detail, remedy) = self.known.trouble.as_ref()?;
        Some(Judgement::new(
            Verdict::Unreachable,
            format!("{detail} {remedy}"),
            since,
        ))
    }

    fn cannot_be_stored(&self) -> Option<Judgement> {
        let (since, why) = self.visits.unstored.as_ref()?;
        let sentence = format!("The broker answers, but nothing new can be stored: {why}.");
        Some(Judgement::unknown(Absence::Failed, sentence, *since))
    }

    /// Visits fail. While the last answer is still fresh that is a risk, afterwards the connection is unreachable.
    fn fails(&self, now: Timestamp) -> Option<Judgement> {
        let failure = self.visits.failure.as_ref()?;
        let why = format!("{} {}", failure.detail, failure.remedy);
        if self.is_fresh(now) {
            let sentence = format!("The last visit failed: {}", why.trim_end());
            return Some(Judgement::new(Verdict::AtRisk, sentence, failure.since));
        }
        Some(Judgement::new(Verdict::Unreachable, why.trim_end(), failure.since))
    }

    /// Nothing failed, and still there is no answer: a very long visit, or this process was away.
    fn is_silent(&self, now: Timestamp) -> Option<Judgement> {
        let answered = self.visits.answered_at.filter(|_| !self.is_fresh(now))?;
        let age = duration(now.seconds_since(answered).max(0.0));
        let sentence = format!(
            "No visit has ended for {age}; the last answer is from {}.",
            moment(answered.0, now.0)
        );
        Some(Judgement::unknown(Absence::Stale, sentence, answered))
    }

    /// The judgement on an entity; that of a connection without news is only what was last known.
    pub fn entity_judgement(&self, entity: &Entity, now: Timestamp) -> Judgement {
        let Some(last) = &entity.judgement else {
            return Judgement::unknown(Absence::NoData, "Not judged yet.", entity.first_seen);
        };
        let (label, sentence) = (last.verdict.label().to_lowercase(), &last.sentence);
        if let Some(gone) = entity.deleted_at {
            let when = moment(gone.0, now.0);
            let text = format!("The broker no longer has it since {when}; it was {label} then: {sentence}");
            return Judgement::unknown(Absence::Stale, text, gone);
        }
        if self.is_fresh(now) {
            return last.clone();
        }
        let answered = self.visits.answered_at.unwrap_or(entity.last_seen);
        let since = moment(answered.0, now.0);
        let text = match last.verdict {
            Verdict::Unknown => format!("Not known since {since}. {sentence}"),
            _ => format!("Not known since {since}; it was {label} then: {sentence}"),
        };
        Judgement::unknown(Absence::Stale, text, answered)
    }

    /// The last value of a metric as a page shows it, or why there is none.
    pub fn reading(&self, entity: &Entity, metric: MetricId, now: Timestamp) -> Reading {
        self.reading_if_any(entity, metric, now)
            .unwrap_or_else(|| Reading::absent(self.why_absent(entity, metric).0))
    }

    /// The first of several metrics that has a value; without any, the reason that says most.
    pub fn first_reading(&self, entity: &Entity, candidates: &[MetricId], now: Timestamp) -> Reading {
        let found = candidates
            .iter()
            .find_map(|metric| self.reading_if_any(entity, *metric, now));
        found.unwrap_or_else(|| {
            let told = candidates.iter().map(|metric| self.why_absent(entity, *metric).0);
            // That one of them does not exist here is nothing against one that does and has no value yet; any other
            // reason is a particular one.
            let says = |reason: &Absence| match reason {
                Absence::NotSupported => 0,
                Absence::NoData => 1,
                Absence::NotPermitted | Absence::Disabled | Absence::Stale | Absence::Failed => 2,
            };
            Reading::absent(told.max_by_key(says).unwrap_or(Absence::NoData))
        })
    }

    pub(super) fn reading_if_any(&self, entity: &Entity, metric: MetricId, now: Timestamp) -> Option<Reading> {
        let reading = entity.readings.reading(metric)?;
        let measured = reading.at?;
        // What the broker itself told late says when it was measured.
        let is_momentary = MOMENTARY.contains(&metric) && metric != metrics::OLDEST_AGE;
        let told = reading.method == Some(Method::Exact) && !is_momentary;
        if self.is_fresh(now) && self.is_overtaken(&reading, metric, measured) {
            return None;
        }
        let allowance = if told { TOLD_LATE_SECONDS } else { 0.0 };
        let fresh = self.is_fresh(now) && !self.is_overdue(entity, metric, measured, allowance);
        Some(if fresh && entity.exists() {
            reading
        } else {
            reading.stale()
        })
    }

    /// Whether a metric has a value that may stand, whenever it is asked: what is sorted by and what is shown agree.
    pub(super) fn stands(&self, entity: &Entity, metric: MetricId) -> bool {
        let reading = entity.readings.reading(metric);
        reading.is_some_and(|reading| match reading.at {
            Some(measured) => reading.value.is_some() && !self.is_overtaken(&reading, metric, measured),
            None => false,
        })
    }

    /// Only the last visit can vouch for it, and that one has answered without it.
    fn is_overtaken(&self, reading: &Reading, metric: MetricId, measured: Timestamp) -> bool {
        let told = reading.method == Some(Method::Exact) && metric == metrics::OLDEST_AGE;
        MOMENTARY.contains(&metric) && !told && self.is_outdated(measured)
    }

    /// A later visit has answered without this value.
    fn is_outdated(&self, measured: Timestamp) -> bool {
        self.visits.answered_at.is_some_and(|answered| answered > measured)
    }

    /// Later visits should have brought a newer value, at the pace at which this metric comes, and did not.
    /// `allowance` is by how many seconds the broker may be late by nature.
    fn is_overdue(&self, entity: &Entity, metric: MetricId, measured: Timestamp, allowance: f64) -> bool {
        let Some(answered) = self.visits.answered_at else {
            return true;
        };
        let interval = self.interval_millis() as f64 / 1_000.0;
        let pace = entity
            .readings
            .pace(metric)
            .map_or(SLOWEST_PACE_SECONDS, |pace| pace.max(interval));
        answered.seconds_since(measured) > INTERVALS as f64 * pace + allowance
    }
}
