//! How long something has not moved, however short the window is: a few numbers that never grow.

use brokerscope_contract::Timestamp;

use super::Observation;

/// What is remembered about the movement of one reader's position beyond the window.
#[derive(Debug, Clone, Copy, Default)]
pub struct Motion {
    /// The first visit that saw the present value of `taken`, or the last that saw nothing wait: since then nothing
    /// was taken although something waited.
    still_since: Option<Timestamp>,
    /// The newest known value of `taken`; a visit that could not tell it does not forget it.
    taken: Option<f64>,
    /// `arrived` as it was when it was first seen.
    arrived_then: Option<f64>,
    /// Visits that saw the present value of `taken`, and the last of them.
    still_visits: u32,
    told_at: Timestamp,
    /// Whether `taken` was ever seen to change.
    pub moved: bool,
    /// The usual seconds between two visits that saw it change; slow committers need patience.
    usual_gap: Option<f64>,
    /// How many readers there were before the last one left, and the first visit that missed them.
    pub left: Option<(f64, Timestamp)>,
}

/// The weight of the newest gap in the running mean: about the last eight count.
const NEWEST_GAP: f64 = 0.125;

impl Motion {
    /// What a judgement from before a restart tells: it moved once, and not since `since`.
    pub fn still_from(since: Timestamp) -> Motion {
        Motion {
            still_since: Some(since),
            moved: true,
            ..Motion::default()
        }
    }

    pub(super) fn see(&mut self, before: Option<&Observation>, seen: &Observation) {
        self.see_readers(before, seen);
        // When `taken` was counted, and over how long a period it was summed up.
        let (at, taken, period) = match seen.late {
            Some(late) if seen.taken.is_none() => (late.at, late.taken, late.at.seconds_since(self.told_at).max(0.0)),
            _ => (seen.at, seen.taken, 0.0),
        };
        match (self.taken, taken) {
            // Counted anew, because who counts was made anew: nothing is known of what was between.
            (Some(previous), Some(taken)) if seen.late.is_some() && taken < previous => self.stand_from(at, seen),
            (Some(previous), Some(taken)) if previous != taken => {
                self.learn_gap(at, period);
                self.moved = true;
                self.stand_from(at, seen);
            }
            // With nothing to take, standing still is no standstill: it begins when something waits.
            _ if seen.waiting.is_some_and(|waiting| waiting <= 0.0) => self.stand_from(seen.at, seen),
            // A position that is told for the first time after visits without one begins to stand here.
            (None, Some(_)) if self.still_visits > 0 => self.stand_from(at, seen),
            _ if self.still_since.is_none() => self.stand_from(at, seen),
            // Some counters are asked for only now and then: a visit without one neither proves nor ends anything.
            (Some(_), None) => {}
            // The same count once more, or one from before something waited.
            _ if seen.late.is_some() && at <= self.told_at => {}
            _ => {
                self.still_visits = self.still_visits.saturating_add(1);
                self.told_at = at;
                self.arrived_then = self.arrived_then.or(seen.arrived);
            }
        }
        self.taken = taken.or(self.taken);
    }

    /// What is counted by periods moves within one of them: only what is longer is a gap.
    fn learn_gap(&mut self, now: Timestamp, period: f64) {
        // The first movement ends a wait of which the beginning was not seen.
        if self.moved
            && let Some(since) = self.still_since
        {
            let gap = (now.seconds_since(since) - period).max(0.0);
            self.usual_gap = Some(self.usual_gap.map_or(gap, |usual| usual + NEWEST_GAP * (gap - usual)));
        }
    }

    fn stand_from(&mut self, at: Timestamp, seen: &Observation) {
        self.still_since = Some(at);
        self.told_at = at;
        self.arrived_then = seen.arrived;
        self.still_visits = 1;
    }

    fn see_readers(&mut self, before: Option<&Observation>, seen: &Observation) {
        match (before.and_then(|before| before.consumers), seen.consumers) {
            (Some(earlier), Some(0.0)) if earlier > 0.0 => self.left = Some((earlier, seen.at)),
            (_, Some(now)) if now > 0.0 => self.left = None,
            _ => {}
        }
    }

    /// Since when something waited and nothing was taken.
    pub fn still_since(&self) -> Option<Timestamp> {
        self.still_since
    }

    /// Seconds without movement as far as visits have told, and how many have.
    pub fn stillness(&self) -> (f64, u32) {
        let seconds = self.still_since.map_or(0.0, |since| self.told_at.seconds_since(since));
        (seconds.max(0.0), self.still_visits)
    }

    /// Whether `taken` was ever told.
    pub fn is_counted(&self) -> bool {
        self.taken.is_some()
    }

    /// Messages that arrived while nothing moved.
    pub fn arrived_meanwhile(&self, seen: &Observation) -> Option<f64> {
        Some((seen.arrived? - self.arrived_then?).max(0.0))
    }

    /// How long standing still must last to mean something: `least`, or five of its own usual gaps, at most an
    /// hour. Five, because the gaps of a healthy slow committer rarely vary by more than that; without it,
    /// low traffic is the best known false alarm of lag verdicts.
    pub fn patience(&self, least: f64) -> f64 {
        self.usual_gap.map_or(least, |gap| (5.0 * gap).clamp(least, 3_600.0))
    }
}
