//! Turns the points of Cloud Monitoring into histories: each value under its own time, counts as running sums.
//!
//! Monitoring tells counts by the minute; here a counter is what it is elsewhere, a number that only grows. The sum
//! begins at zero with this process, which readers of counters take for a restart. Points that were told before are
//! left out, and a point that comes later than its neighbours is added to the next sum: nothing is counted twice and
//! nothing is lost.

mod reading;

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashMap, HashSet};

use brokerscope_contract::{EntityKey, History, MetricId, Timestamp};
use reading::{Part, parts};

use super::questions::{Meaning, Question};
use super::wire::TimeSeries;

/// A series without a point for so long is forgotten. A day: many run only at night.
const FORGOTTEN_AFTER_MILLIS: i64 = 86_400_000;

#[derive(Debug, Default)]
pub struct Ledger {
    /// The newest point of each series, and the value of a cumulative one.
    series: HashMap<SeriesKey, (Timestamp, f64)>,
    sums: HashMap<(EntityKey, MetricId), Sum>,
    /// Levels: the newest time that was told.
    levels: HashMap<(EntityKey, MetricId), Timestamp>,
}

/// A metric of an entity, and the labels that tell its series apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct SeriesKey {
    entity: EntityKey,
    question: &'static str,
    labels: Vec<(String, String)>,
}

#[derive(Debug, Clone, Copy)]
struct Sum {
    total: f64,
    told: Timestamp,
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
            let known = match is_count {
                true => self.series.get(&key).copied(),
                false => None,
            };
            let mut before = known.map(|(_, value)| value);
            for point in &points {
                if known.is_some_and(|(last, _)| point.end <= last) {
                    continue;
                }
                for part in parts(question.meaning, &series, point.value) {
                    let value = match series.metric_kind.as_str() {
                        // The growth since the point before; after a restart all of it is new.
                        "CUMULATIVE" if part.is_count() => match before.replace(part.value()) {
                            Some(earlier) if part.value() >= earlier => part.value() - earlier,
                            Some(_) => part.value(),
                            None => 0.0,
                        },
                        _ => part.value(),
                    };
                    let cells = if part.is_count() { &mut counts } else { &mut levels };
                    let of_metric = cells.entry((entity.clone(), part.metric())).or_default();
                    let cell = of_metric.entry(point.end).or_default();
                    cell.sum += value;
                    cell.weight += part.weight();
                    cell.begins = point.start.or(cell.begins);
                }
            }
            if is_count {
                let value = before.unwrap_or(0.0);
                let last = known.map_or(newest, |(last, _)| last.max(newest));
                self.series.insert(key, (last, value));
            }
        }
        self.tell_levels(levels, &mut told);
        self.tell_counts(counts, &mut told);
        told
    }

    fn tell_levels(&mut self, cells: Cells, told: &mut Told) {
        for (of, cells) in cells {
            let last = self.levels.get(&of).copied();
            let news = cells.into_iter().filter(|(at, _)| last.is_none_or(|last| *at > last));
            let points: Vec<_> = news
                .filter_map(|(at, cell)| {
                    let value = match cell.weight {
                        // Means of nothing are no value.
                        0.0 => None,
                        weight if weight.is_finite() => Some(cell.sum / weight),
                        _ => Some(cell.sum),
                    };
                    Some((at, value?))
                })
                .collect();
            if let Some((at, _)) = points.last() {
                self.levels.insert(of.clone(), *at);
                told.push(of, points);
            }
        }
    }

    fn tell_counts(&mut self, cells: Cells, told: &mut Told) {
        for (of, cells) in cells {
            let mut points = Vec::new();
            let sum = match self.sums.get_mut(&of) {
                Some(sum) => sum,
                None => {
                    // The first count has a beginning: without it the first minute of a new series would be lost.
                    let begins = cells.iter().next().and_then(|(at, cell)| {
                        let begins = cell.begins.unwrap_or(at.plus_millis(-60_000));
                        (begins < *at).then_some(begins)
                    });
                    points.extend(begins.map(|at| (at, 0.0)));
                    let told = begins.unwrap_or(Timestamp(i64::MIN));
                    self.sums.entry(of.clone()).or_insert(Sum { total: 0.0, told })
                }
            };
            for (at, cell) in cells {
                sum.total += cell.sum;
                if at > sum.told {
                    sum.told = at;
                    points.push((at, sum.total));
                }
            }
            if !points.is_empty() {
                told.push(of, points);
            }
        }
    }

    /// Forgets what has had no point for long.
    pub fn forget(&mut self, now: Timestamp) {
        let is_recent = |at: Timestamp| now.millis_since(at) < FORGOTTEN_AFTER_MILLIS;
        self.series.retain(|_, (at, _)| is_recent(*at));
        self.sums.retain(|_, sum| is_recent(sum.told));
        self.levels.retain(|_, at| is_recent(*at));
    }
}

impl Told {
    fn push(&mut self, (entity, metric): (EntityKey, MetricId), points: Vec<(Timestamp, f64)>) {
        self.history.push(History { entity, metric, points });
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
