//! The verdict on a queue, from what its last visits saw: the rules in their order.

mod fine;
mod wrong;

use brokerscope_contract::{Absence, Timestamp, Verdict};

use super::window::SPAN_SECONDS;
use super::{Assessment, Observation, Window};
use crate::wording::at;
pub(super) use fine::watching;

/// What the rules look at.
#[derive(Debug)]
pub struct Case<'a> {
    pub window: &'a Window,
    /// Why there is no depth, where there is none.
    pub absent: Option<Absence>,
    /// The verdict that stands.
    pub was: Option<Verdict>,
}

/// The first rule that speaks wins.
pub fn judge(case: &Case<'_>) -> Assessment {
    let Some(seen) = case.window.newest() else {
        return fine::unknown_depth(case);
    };
    let Some(waiting) = seen.waiting else {
        return fine::unknown_depth(case);
    };
    const RULES: &[Rule] = &[
        fine::nothing_waits,
        wrong::no_consumer,
        wrong::not_consuming,
        fine::keeps_up,
        wrong::stalled,
        wrong::slow_readers,
        fine::undecided,
    ];
    let facts = Facts {
        window: case.window,
        seen,
        waiting,
        was: case.was,
    };
    let said = RULES
        .iter()
        .find_map(|rule| rule(&facts))
        .unwrap_or_else(|| fine::works_on_it(&facts));
    facts.with_age_of_counters(said)
}

/// Counters of a minute ago are as good as those of now.
const WORTH_SAYING_SECONDS: f64 = 60.0;

/// Fetches that are further apart than this, and than their own pace explains, have ended.
const FETCHED_SECONDS: f64 = 120.0;
/// Twice the span: all that the span then shows came well after the last consumer had left, also where it is told
/// with a delay.
const LEFT_LATELY_SECONDS: f64 = 2.0 * SPAN_SECONDS;

type Rule = fn(&Facts<'_>) -> Option<Assessment>;

struct Facts<'a> {
    window: &'a Window,
    seen: &'a Observation,
    waiting: f64,
    was: Option<Verdict>,
}

impl Facts<'_> {
    fn now(&self) -> Timestamp {
        self.seen.at
    }

    fn has_readers(&self) -> bool {
        self.seen.consumers.is_some_and(|n| n > 0.0)
    }

    /// Messages per second that are fetched one by one where no consumer is connected (basic.get of AMQP): the count
    /// moved at the last visits, and no consumer left a moment ago whose work that was. The rate of the whole span
    /// alone is not enough, because it lasts for minutes after the last message; counters that are told late are
    /// older still.
    fn fetched(&self) -> Option<f64> {
        let (seen, motion) = (self.seen, &self.window.motion);
        let left_lately = motion
            .left
            .is_some_and(|(_, when)| self.now().seconds_since(when) < LEFT_LATELY_SECONDS);
        if seen.consumers != Some(0.0) || seen.late.is_some() || left_lately {
            return None;
        }
        let (still, _) = self.stillness();
        let lately = still <= motion.patience(FETCHED_SECONDS);
        self.window.taking_rate().filter(|taking| lately && *taking > 0.0)
    }

    /// Who judges by counters that are minutes old says so.
    fn with_age_of_counters(&self, mut said: Assessment) -> Assessment {
        let late = self.seen.late.filter(|_| self.waiting > 0.0 && !said.undecided);
        if let Some(late) = late.filter(|late| self.now().seconds_since(late.at) >= WORTH_SAYING_SECONDS) {
            said.sentence.push_str(&format!(" Counted until {}.", at(late.at)));
        }
        said
    }

    /// Seconds since anything was acknowledged, when that is known; and on how many visits that was seen.
    fn stillness(&self) -> (f64, u32) {
        self.window.motion.stillness()
    }

    /// Whether stillness means that nothing was taken. Where acknowledgements are not counted the numbers themselves
    /// must not have moved: a depth that never fell, and stands quite still where arrivals are not counted either
    /// (AMQP 1.0 fills no counter).
    fn nothing_taken(&self) -> bool {
        if self.window.motion.is_counted() {
            return true;
        }
        let Some(trend) = self.window.trend() else { return false };
        let held_still = {
            let mut held = self.window.span().map(|seen| seen.in_flight);
            let first = held.next();
            held.all(|now| Some(now) == first)
        };
        trend.never_fell && held_still && (self.seen.arrived.is_some() || trend.change == 0.0)
    }
}
