//! Turns the points of Cloud Monitoring into histories: each value under its own time, counts as running sums.
//!
//! Monitoring tells counts by the minute; here a counter is what it is elsewhere, a number that only grows. The sum
//! begins at zero with this process, which readers of counters take for a restart. What was told before is not told
//! again; a point that comes later than its neighbours, or a series later than the others of its metric, changes the
//! minute that it is of, and everything from there on is told anew: nothing is counted twice and nothing is lost.

mod kept;
mod reading;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};

use brokerscope_contract::{EntityKey, History, MetricId, Timestamp};
use kept::{Counted, Level, Sum};
use reading::{Part, parts};

use super::questions::{Meaning, Question};
use super::wire::TimeSeries;

/// A series without a point for so long is forgotten. A day: many run only at night.
const FORGOTTEN_AFTER_MILLIS: i64 = 86_400_000;

#[derive(Debug, Default)]
pub struct Ledger {
    /// Of series that count from a beginning of their own: the newest point, and the value of each part of it.
    cumulative: HashMap<SeriesKey, (Timestamp, Vec<f64>)>,
    sums: HashMap<(EntityKey, MetricId), Sum>,
    levels: HashMap<(EntityKey, MetricId), Level>,
}

/// A metric of an entity, and the labels that tell its series apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct SeriesKey {
    entity: EntityKey,
    question: &'static str,
    labels: Vec<(String, String)>,
}

/// What one answer brought.
#[derive(Debug, Default)]
pub struct Told {
    pub history: Vec<History>,
    /// The time of the newest point, told before or not.
    pub newest: Option<Timestamp>,
    /// Everything that has a point in the answer.
    pub entities: HashSet<EntityKey>,
    /// Criteria of low latency that are not fulfilled at the newest time, by subscription.
    pub unfulfilled: BTreeMap<EntityKey, Vec<String>>,
    /// Cloud Monitoring calls a count a level, so nothing was made of it.
    pub is_no_count: bool,
}

/// What all series of an entity say of one minute together.
#[derive(Debug, Clone, Copy, Default)]
struct Cell {
    sum: f64,
    weight: f64,
    begins: Option<Timestamp>,
    /// It is only what was added since the answer before.
    is_growth: bool,
}

type Cells = BTreeMap<(EntityKey, MetricId), BTreeMap<Timestamp, Cell>>;

impl Ledger {
    /// Takes in an answer, all pages of it.
    pub fn take(&mut self, question: &'static Question, answer: Vec<TimeSeries>) -> Told {
        let mut told = Told::default();
        let (mut levels, mut counts) = (Cells::new(), Cells::new());
        for (key, series) in whole(question, answer) {
            let entity = key.entity.clone();
            let mut points = reading::points(&series);
            points.sort_by_key(|point| point.end);
            let Some(newest) = points.last().map(|point| point.end) else {
                continue;
            };
            told.newest = told.newest.max(Some(newest));
            told.entities.insert(entity.clone());
            if question.meaning == Meaning::Health {
                told.note_criterion(&entity, &series, points.last().and_then(|point| point.value.number()));
            }
            let is_count = parts(question.meaning, &series, points[0].value)
                .iter()
                .any(Part::is_count);
            if is_count && series.metric_kind == "GAUGE" {
                told.is_no_count = true;
                continue;
            }
            let is_cumulative = is_count && series.metric_kind == "CUMULATIVE";
            let known = self.cumulative.get(&key).filter(|_| is_cumulative);
            let (last, mut before) = known.cloned().unwrap_or((Timestamp(i64::MIN), Vec::new()));
            for point in points.iter().filter(|point| point.end > last || !is_cumulative) {
                let said = parts(question.meaning, &series, point.value);
                let grown = is_cumulative.then(|| growth(&mut before, &said));
                for (n, part) in said.iter().enumerate() {
                    let cells = if part.is_count() { &mut counts } else { &mut levels };
                    let of_metric = cells.entry((entity.clone(), part.metric())).or_default();
                    let cell = of_metric.entry(point.end).or_default();
                    cell.sum += grown.as_ref().map_or(part.value(), |grown| grown[n]);
                    cell.weight += part.weight();
                    cell.begins = point.start.or(cell.begins);
                    cell.is_growth = is_cumulative;
                }
            }
            if is_cumulative {
                self.cumulative.insert(key, (last.max(newest), before));
            }
        }
        self.tell_levels(levels, &mut told);
        self.tell_counts(counts, &mut told);
        told
    }

    fn tell_levels(&mut self, cells: Cells, told: &mut Told) {
        for (of, cells) in cells {
            let values = cells.into_iter().filter_map(|(at, cell)| {
                let value = match cell.weight {
                    // Means of nothing are no value.
                    0.0 => None,
                    weight if weight.is_finite() => Some(cell.sum / weight),
                    _ => Some(cell.sum),
                };
                Some((at, value?))
            });
            let points = self.levels.entry(of.clone()).or_default().take(values);
            told.push(of, points);
        }
    }

    fn tell_counts(&mut self, cells: Cells, told: &mut Told) {
        for (of, cells) in cells {
            // The first count has a beginning: without it the first minute of a new series would be lost.
            let Some((first, cell)) = cells.first_key_value() else {
                continue;
            };
            let usual = first.plus_millis(-60_000);
            let begins = cell.begins.filter(|begins| begins < first).unwrap_or(usual);
            let sum = self.sums.entry(of.clone()).or_insert_with(|| Sum::from_nothing(begins));
            let counts = cells.into_iter().map(|(at, cell)| match cell.is_growth {
                true => (at, Counted::More(cell.sum)),
                false => (at, Counted::All(cell.sum)),
            });
            let points = sum.take(counts);
            told.push(of, points);
        }
    }

    /// Forgets what has had no point for long.
    pub fn forget(&mut self, now: Timestamp) {
        let is_recent = |at: Timestamp| now.millis_since(at) < FORGOTTEN_AFTER_MILLIS;
        self.cumulative.retain(|_, (at, _)| is_recent(*at));
        self.sums.retain(|_, sum| is_recent(sum.newest()));
        self.levels.retain(|_, level| level.newest().is_some_and(is_recent));
    }
}

/// By how much each part grew since the point before. After a restart all of it is new; of the first point nothing is.
fn growth(before: &mut Vec<f64>, now: &[Part]) -> Vec<f64> {
    let values: Vec<f64> = now.iter().map(Part::value).collect();
    let earlier = std::mem::replace(before, values.clone());
    let grown = |(n, value): (usize, f64)| match earlier.get(n) {
        Some(earlier) if value >= *earlier => value - earlier,
        Some(_) => value,
        None => 0.0,
    };
    values.into_iter().enumerate().map(grown).collect()
}

impl Told {
    fn push(&mut self, (entity, metric): (EntityKey, MetricId), points: Vec<(Timestamp, f64)>) {
        if !points.is_empty() {
            self.history.push(History { entity, metric, points });
        }
    }

    fn note_criterion(&mut self, entity: &EntityKey, series: &TimeSeries, fulfilled: Option<f64>) {
        if fulfilled == Some(0.0)
            && let Some(criterion) = series.metric.labels.get("criteria")
        {
            self.unfulfilled
                .entry(entity.clone())
                .or_default()
                .push(criterion.clone());
        }
    }
}

/// Pages may split a series: its parts are put together.
fn whole(question: &'static Question, answer: Vec<TimeSeries>) -> BTreeMap<SeriesKey, TimeSeries> {
    let mut whole: BTreeMap<SeriesKey, TimeSeries> = BTreeMap::new();
    for mut series in answer {
        let Some(entity) = entity(question, &series) else {
            continue;
        };
        match whole.entry(key(question, &entity, &series)) {
            Entry::Occupied(mut known) => known.get_mut().points.append(&mut series.points),
            Entry::Vacant(place) => {
                place.insert(series);
            }
        }
    }
    whole
}

fn entity(question: &Question, series: &TimeSeries) -> Option<EntityKey> {
    let label = match question.of() {
        brokerscope_contract::EntityKind::Topic => "topic_id",
        _ => "subscription_id",
    };
    let labels = &series.resource.labels;
    Some(EntityKey::new(
        question.of(),
        [labels.get("project_id")?, labels.get(label)?],
    ))
}

fn key(question: &'static Question, entity: &EntityKey, series: &TimeSeries) -> SeriesKey {
    let labels = series.metric.labels.iter();
    SeriesKey {
        entity: entity.clone(),
        question: question.name,
        labels: labels.map(|(name, value)| (name.clone(), value.clone())).collect(),
    }
}

#[cfg(test)]
mod tests;
