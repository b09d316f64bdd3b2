//! Stored values over time.

use brokerscope_contract::api::path;
use brokerscope_contract::api::series::SeriesQuery;
use brokerscope_contract::{EntityId, MetricId, Timestamp};

use crate::query::Query;

/// The path that answers with these metrics of one entity between two moments, in at most `points` steps.
pub fn one(entity: EntityId, metrics: &[MetricId], from: i64, to: i64, points: usize) -> String {
    let names: Vec<&str> = metrics.iter().map(|metric| metric.name()).collect();
    let query = SeriesQuery {
        entity,
        metrics: names.join(","),
        from: Timestamp(from),
        to: Timestamp(to),
        points: Some(points),
    };
    Query::of(&query).on(path::SERIES)
}
