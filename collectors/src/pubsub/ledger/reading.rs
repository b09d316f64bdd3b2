//! What a single point of a series says, by the meaning of its metric.

use brokerscope_contract::{MetricId, Timestamp, metrics};

use crate::instants::from_rfc3339;
use crate::pubsub::questions::Meaning;
use crate::pubsub::wire::{TimeSeries, TypedValue};

/// A point with its times read. `start` is where its counting began.
#[derive(Debug, Clone, Copy)]
pub struct Point<'a> {
    pub start: Option<Timestamp>,
    pub end: Timestamp,
    pub value: &'a TypedValue,
}

/// The points of a series whose time can be read.
pub fn points(series: &TimeSeries) -> Vec<Point<'_>> {
    series
        .points
        .iter()
        .filter_map(|point| {
            Some(Point {
                end: from_rfc3339(&point.interval.end_time)?,
                start: point.interval.start_time.as_deref().and_then(from_rfc3339),
                value: &point.value,
            })
        })
        .collect()
}

/// A contribution to one metric.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Part {
    /// Events, which add up over series and over time.
    Count(MetricId, f64),
    /// A level, which adds up over series.
    Level(MetricId, f64),
    /// A level that is the mean over series: value times weight, and weight.
    Mean(MetricId, f64, f64),
}

impl Part {
    pub fn is_count(&self) -> bool {
        matches!(self, Part::Count(..))
    }

    pub fn metric(&self) -> MetricId {
        match self {
            Part::Count(metric, _) | Part::Level(metric, _) | Part::Mean(metric, ..) => *metric,
        }
    }

    pub fn value(&self) -> f64 {
        match self {
            Part::Count(_, value) | Part::Level(_, value) | Part::Mean(_, value, _) => *value,
        }
    }

    /// By what the sum over series is divided; infinite for "not at all".
    pub fn weight(&self) -> f64 {
        match self {
            Part::Count(..) | Part::Level(..) => f64::INFINITY,
            Part::Mean(_, _, weight) => *weight,
        }
    }
}

/// What a point says. Nothing, when its value is not of the shape that the metric has.
pub fn parts(meaning: Meaning, series: &TimeSeries, value: &TypedValue) -> Vec<Part> {
    let label = |name: &str| series.metric.labels.get(name).map_or("", String::as_str);
    let number = value.number();
    let parts: [Option<Part>; 2] = match meaning {
        Meaning::Level(metric) => [number.map(|n| Part::Level(metric, n)), None],
        Meaning::Count(metric) => [number.map(|n| Part::Count(metric, n)), None],
        Meaning::Streams => {
            let suspended = label("status").starts_with("suspended");
            [
                number.map(|n| Part::Level(metrics::PUBSUB_OPEN_STREAMS, n)),
                number.map(|n| Part::Level(metrics::PUBSUB_SUSPENDED_STREAMS, if suspended { n } else { 0.0 })),
            ]
        }
        Meaning::Push => {
            let failed = label("response_class") != "ack";
            [
                number.map(|n| Part::Count(metrics::PUBSUB_PUSH_REQUESTS, n)),
                number.map(|n| Part::Count(metrics::PUBSUB_PUSH_ERRORS, if failed { n } else { 0.0 })),
            ]
        }
        Meaning::Publish => {
            let failed = label("response_class") != "success";
            [
                number.map(|n| Part::Count(metrics::PUBSUB_PUBLISH_REQUESTS, n)),
                number.map(|n| Part::Count(metrics::PUBSUB_PUBLISH_ERRORS, if failed { n } else { 0.0 })),
            ]
        }
        Meaning::Sizes => {
            let sizes = value.distribution();
            [
                sizes.map(|(count, _)| Part::Count(metrics::PUBLISHED, count)),
                sizes.map(|(count, mean)| Part::Count(metrics::PUBSUB_PUBLISHED_BYTES, count * mean)),
            ]
        }
        Meaning::Health => [number.map(|n| Part::Mean(metrics::PUBSUB_HEALTH_SCORE, n, 1.0)), None],
        Meaning::PushLatency => {
            let took = value.distribution();
            // Microseconds.
            [
                took.map(|(count, mean)| Part::Mean(metrics::PUBSUB_PUSH_SECONDS, count * mean / 1e6, count)),
                None,
            ]
        }
    };
    parts.into_iter().flatten().collect()
}
