//! Which figures CloudWatch is asked for, over which time, and what its answers become. Pure.

use std::collections::HashMap;

use brokerscope_contract::{EntityKey, History, MetricId, Timestamp};

use super::config::{self, Config};
use super::figures::{FIGURES, Figure, Only};
use super::wire::Points;
use crate::running::Running;

/// A queue or topic of which figures may be asked.
#[derive(Debug, Clone, PartialEq)]
pub struct Subject {
    pub entity: EntityKey,
    pub waits: bool,
    pub fifo: bool,
    /// Nothing is older.
    pub created: Option<Timestamp>,
}

/// One figure of one queue or topic over `from..until`.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    pub entity: EntityKey,
    pub figure: &'static Figure,
    pub from: Timestamp,
    pub until: Timestamp,
}

/// What was read of each figure so far.
#[derive(Debug, Default)]
pub struct Ledger {
    series: HashMap<(EntityKey, MetricId), Series>,
    /// What an earlier process has stored already.
    known_until: Option<Timestamp>,
    /// The time of the newest point, of all figures.
    pub newest: Option<Timestamp>,
}

#[derive(Debug, Default)]
struct Series {
    asked_until: Option<Timestamp>,
    running: Running,
}

/// CloudWatch takes about two minutes until most points are there.
const LATENESS_MILLIS: i64 = 120_000;
/// So much is read again, and no fewer periods than these: points come up to twenty minutes late, and the last ones are
/// still corrected.
const AGAIN_MILLIS: i64 = 1_200_000;
const AGAIN_PERIODS: i64 = 3;
/// CloudWatch keeps points of a minute for 15 days, and answers nothing at all when more is asked for. An hour less,
/// because clocks differ and questions take their time.
const KEPT_MILLIS: i64 = config::KEEPS_DAYS * 86_400_000 - 3_600_000;
/// Batches of a visit that the past of new queues and topics may take from the present of the others.
const FOR_THE_PAST: usize = 3;
/// And what is taken in between.
const FOR_THE_PRESENT: usize = 7;
/// Ages are asked for over no longer than this after a queue was empty for a while, and over no fewer periods.
const LONGEST_AGE_GAP_MILLIS: i64 = 3_600_000;
const LONGEST_AGE_GAP_PERIODS: i64 = 12;
/// Limits of one question: figures, and points of all of them together.
const MOST_FIGURES: usize = 500;
const MOST_POINTS: i64 = 100_800;

impl Ledger {
    pub fn resume(&mut self, known_until: Timestamp) {
        self.known_until = Some(known_until);
    }

    /// What is due, in batches that one question may hold: all of a batch over the same stretch of time. What was asked
    /// for longest ago comes first, and the first question about something in between.
    pub fn due(&self, subjects: &[Subject], config: &Config, at: Timestamp) -> Vec<Vec<Query>> {
        let period = period_millis(config);
        let until = Timestamp((at.0 - LATENESS_MILLIS).div_euclid(period) * period);
        let mut windows: HashMap<(bool, i64), Vec<Query>> = HashMap::new();
        for subject in subjects {
            for figure in FIGURES.iter().filter(|figure| figure.fits(subject, config)) {
                let series = self.series.get(&(subject.entity.clone(), figure.metric));
                let asked = series.and_then(|series| series.asked_until);
                let is_due = match figure.only {
                    Only::Past => asked.is_none() && config.backfill_days > 0,
                    // An age is worth asking for the first time even if nothing waits now: for its past.
                    Only::Waiting if !subject.waits => asked.is_none() && config.backfill_days > 0,
                    _ => asked.is_none_or(|asked| asked < until),
                };
                if !is_due {
                    continue;
                }
                let from = self.from(asked, subject, config, (until, at));
                // A queue that was empty for long had no age in between.
                let from = match (figure.only, asked) {
                    (Only::Waiting, Some(_)) => {
                        let longest = LONGEST_AGE_GAP_MILLIS.max(LONGEST_AGE_GAP_PERIODS * period);
                        from.max(until.plus_millis(-longest))
                    }
                    _ => from,
                };
                windows.entry((asked.is_none(), from.0)).or_default().push(Query {
                    entity: subject.entity.clone(),
                    figure,
                    from,
                    until,
                });
            }
        }
        let mut windows: Vec<_> = windows.into_iter().filter(|((_, from), _)| *from < until.0).collect();
        windows.sort_unstable_by_key(|(window, _)| *window);
        let batches = |windows: Vec<((bool, i64), Vec<Query>)>| -> Vec<Vec<Query>> {
            let batches = windows.into_iter().flat_map(|((_, from), queries)| {
                let points = ((until.0 - from) / period).max(1);
                let fit = usize::try_from(MOST_POINTS / points).unwrap_or(1);
                let fit = fit.clamp(1, MOST_FIGURES);
                queries.chunks(fit).map(<[Query]>::to_vec).collect::<Vec<_>>()
            });
            batches.collect()
        };
        let (first, again): (Vec<_>, Vec<_>) = windows.into_iter().partition(|((is_first, _), _)| *is_first);
        // Short stretches of the past first: they cost less.
        let (mut first, mut again) = (batches(first.into_iter().rev().collect()), batches(again));
        let mut all = Vec::with_capacity(first.len() + again.len());
        while !first.is_empty() || !again.is_empty() {
            all.extend(again.drain(..again.len().min(FOR_THE_PRESENT)));
            all.extend(first.drain(..first.len().min(FOR_THE_PAST)));
        }
        all
    }

    fn from(
        &self,
        asked: Option<Timestamp>,
        subject: &Subject,
        config: &Config,
        (until, at): (Timestamp, Timestamp),
    ) -> Timestamp {
        let period = period_millis(config);
        let again = (AGAIN_MILLIS / period).max(AGAIN_PERIODS);
        let back = |from: Timestamp| from.plus_millis(-again * period);
        let wished = until.plus_millis(-i64::try_from(config.backfill_days).unwrap_or(0) * 86_400_000);
        // At the beginning of a period.
        let kept = Timestamp(((at.0 - KEPT_MILLIS).div_euclid(period) + 1) * period);
        let oldest = wished.max(kept);
        let wanted = match (asked, self.known_until) {
            (Some(asked), _) => back(asked).max(kept),
            (None, Some(known)) => back(Timestamp(known.0.div_euclid(period) * period)).max(oldest),
            (None, None) => oldest,
        };
        let created = subject
            .created
            .map_or(Timestamp(0), |at| Timestamp(at.0.div_euclid(period) * period));
        wanted.max(created).min(back(until))
    }

    /// Takes in the answer to one batch.
    pub fn answered(&mut self, queries: &[Query], answers: &[Points], config: &Config) -> Vec<History> {
        let period = period_millis(config);
        let mut told = Vec::new();
        let by_id: HashMap<&str, &Points> = answers.iter().map(|points| (points.id.as_str(), points)).collect();
        for (n, query) in queries.iter().enumerate() {
            let key = (query.entity.clone(), query.figure.metric);
            let series = self.series.entry(key).or_default();
            series.asked_until = Some(query.until);
            let points = by_id
                .get(format!("m{n}").as_str())
                .map_or(&[][..], |points| &points.points);
            // CloudWatch names the beginning of a period; what it says is known at its end.
            let ends: Vec<(Timestamp, f64)> = points
                .iter()
                .map(|(at, value)| (Timestamp(at * 1_000 + period), *value))
                .filter(|(end, value)| *end <= query.until && value.is_finite())
                .collect();
            self.newest = self.newest.max(ends.last().map(|(end, _)| *end));
            let points = match query.figure.is_sum {
                true => series.running.read(query.from, &ends, period),
                false => ends,
            };
            if !points.is_empty() {
                told.push(History {
                    entity: query.entity.clone(),
                    metric: query.figure.metric,
                    points,
                });
            }
        }
        told
    }

    /// Forgets queues and topics that are gone.
    pub fn keep(&mut self, exists: impl Fn(&EntityKey) -> bool) {
        self.series.retain(|(entity, _), _| exists(entity));
    }
}

fn period_millis(config: &Config) -> i64 {
    i64::try_from(config.cloudwatch_seconds).unwrap_or(300) * 1_000
}

#[cfg(test)]
#[path = "cloudwatch_tests.rs"]
mod tests;
