//! The last visits to one thing: a dozen observations over at least five minutes, and how long it has not moved.

use std::collections::VecDeque;

use brokerscope_contract::Timestamp;

use super::slot::Slot;
use super::{Late, Motion, Observation};
use crate::counter;
use crate::trend::{self, Trend};

/// What is judged by change is judged over this many seconds: ten commits at the usual 30 s (Burrow's window), as a
/// fixed time because visits come every 5 s here and every 60 s there.
pub const SPAN_SECONDS: f64 = 300.0;

/// Twelve slots at least 28 s apart (30 s at the usual intervals) always cover [`SPAN_SECONDS`].
const SLOTS: usize = 12;
const SPACING_MILLIS: i64 = 28_000;

/// Below this many observations nothing is said about change, however long the interval is.
const FEWEST: usize = 4;

/// A step of the clock between two visits that is longer than this cannot be told from a jump.
const LONGEST_STEP_MILLIS: i64 = 3_600_000;

/// What became of an observation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pushed {
    Kept,
    /// The clock went back, or forward by more than an hour: what was known before cannot be compared with now.
    ClockJumped,
    /// `arrived` fell: the broker started its counters anew, or the topic was created again.
    Restarted,
}

/// What is remembered about one thing. About 700 bytes when full.
#[derive(Debug, Clone, Default)]
pub struct Window {
    slots: VecDeque<Slot>,
    newest: Option<Observation>,
    pub motion: Motion,
    /// The first visit since the last reset, and how many there were.
    began: Timestamp,
    visits: u32,
}

impl Window {
    /// A window of a thing that a judgement from before a restart says has not moved since `since`.
    pub fn still_from(since: Timestamp) -> Window {
        Window {
            motion: Motion::still_from(since),
            ..Window::default()
        }
    }

    pub fn push(&mut self, seen: Observation) -> Pushed {
        let pushed = self.compare(&seen);
        if pushed != Pushed::Kept {
            *self = Window::default();
        }
        if self.visits == 0 {
            self.began = seen.at;
        }
        self.visits = self.visits.saturating_add(1);
        self.motion.see(self.newest.as_ref(), &seen);
        self.newest = Some(seen);
        self.keep(Slot::pack(&seen));
        pushed
    }

    fn compare(&self, seen: &Observation) -> Pushed {
        let Some(before) = self.newest else { return Pushed::Kept };
        let step = seen.at.millis_since(before.at);
        if !(0..=LONGEST_STEP_MILLIS).contains(&step) {
            return Pushed::ClockJumped;
        }
        match (before.arrived, seen.arrived) {
            (Some(earlier), Some(now)) if now < earlier => Pushed::Restarted,
            _ => Pushed::Kept,
        }
    }

    /// The newest visit always has a slot; the one before it keeps its own only when it is far enough from its
    /// predecessor.
    fn keep(&mut self, slot: Slot) {
        let crowded = match self.slots.len() {
            0 | 1 => false,
            n => self.slots[n - 1].at().millis_since(self.slots[n - 2].at()) < SPACING_MILLIS,
        };
        if crowded && let Some(dropped) = self.slots.pop_back() {
            self.slots.push_back(slot.in_place_of(&dropped));
            return;
        }
        if self.slots.len() == SLOTS {
            self.slots.pop_front();
        } else if self.slots.len() == self.slots.capacity() {
            self.slots.reserve_exact(if self.slots.is_empty() {
                4
            } else {
                SLOTS - self.slots.len()
            });
        }
        self.slots.push_back(slot);
    }

    pub fn newest(&self) -> Option<&Observation> {
        self.newest.as_ref()
    }

    /// The first visit since watching began or the window was reset.
    pub fn began(&self) -> Timestamp {
        self.began
    }

    /// Visits since then.
    pub fn visits(&self) -> u32 {
        self.visits
    }

    /// The judged span: the newest observations that together cover [`SPAN_SECONDS`], oldest first.
    pub fn span(&self) -> impl DoubleEndedIterator<Item = Observation> + Clone + '_ {
        self.span_slots().map(Slot::unpack)
    }

    fn span_slots(&self) -> impl DoubleEndedIterator<Item = &Slot> + Clone {
        let newest = self.newest.map_or(Timestamp(0), |seen| seen.at);
        // The last one at or before the span's beginning belongs to it, so that the span is covered.
        let first = self
            .slots
            .iter()
            .rposition(|slot| newest.seconds_since(slot.at()) >= SPAN_SECONDS)
            .unwrap_or(0);
        self.slots.iter().skip(first)
    }

    /// Seconds that [`Window::span`] covers.
    pub fn seconds(&self) -> f64 {
        let first = self.span_slots().next().map(Slot::at);
        match (self.newest, first) {
            (Some(newest), Some(first)) => newest.at.seconds_since(first),
            _ => 0.0,
        }
    }

    /// Whether there is enough to judge change by. A tenth is forgiven: visits have jitter.
    pub fn is_full(&self) -> bool {
        self.seconds() >= 0.9 * SPAN_SECONDS && self.span_slots().count() >= FEWEST
    }

    /// About how many visits are missing until it is; `None` when it is full or the pace is not known yet.
    pub fn visits_to_full(&self) -> Option<u32> {
        let newest = self.newest?;
        let gone = newest.at.seconds_since(self.began);
        if self.is_full() || self.visits < 2 || gone <= 0.0 {
            return None;
        }
        let pace = gone / f64::from(self.visits - 1);
        Some(((0.9 * SPAN_SECONDS - gone) / pace).ceil().clamp(1.0, 1_000.0) as u32)
    }

    /// The least that waited at any visit of the span, thinned out ones included.
    pub fn lowest(&self) -> Option<f64> {
        // The first slot's low reaches back before the span.
        let first = self.span().next().and_then(|seen| seen.waiting);
        let rest = self.span_slots().skip(1).filter_map(Slot::low);
        first.into_iter().chain(rest).reduce(f64::min)
    }

    /// Messages per second that arrived over the span; steps over a restart of the counter do not count. Where counters
    /// are told late, over the last periods that were told.
    pub fn arrival_rate(&self) -> Option<f64> {
        let told = self.late().and_then(|late| late.arriving);
        told.or_else(|| counter::mean_rate(self.span().filter_map(|seen| Some((seen.at, seen.arrived?)))))
    }

    /// Messages per second that were taken over the span, or over the last periods that were told.
    pub fn taking_rate(&self) -> Option<f64> {
        let told = self.late().and_then(|late| late.taking);
        told.or_else(|| counter::mean_rate(self.span().filter_map(|seen| Some((seen.at, seen.taken?)))))
    }

    /// Counters that are told later than what waits.
    pub fn late(&self) -> Option<Late> {
        self.newest?.late
    }

    /// How the number that waits develops over the span.
    pub fn trend(&self) -> Option<Trend> {
        trend::fit(self.span().filter_map(|seen| Some((seen.at, seen.waiting?))))
    }
}
