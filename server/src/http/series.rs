//! `GET /series`: stored values over time, ready to be drawn.

use axum::Json;
use axum::extract::State;
use brokerscope_contract::api::series::{SeriesAnswer, SeriesQuery};
use brokerscope_contract::{FieldProblem, MetricId, metrics};

use super::error::ApiError;
use super::extract::Query;
use super::state::Api;
use crate::suggest;

const USUAL_POINTS: usize = 600;
const MOST_POINTS: usize = 4_000;
/// An entity has fewer metrics than this; more would only be repetitions.
const MOST_METRICS: usize = 50;

pub async fn show(State(api): State<Api>, Query(query): Query<SeriesQuery>) -> Result<Json<SeriesAnswer>, ApiError> {
    let metrics = check(&query).map_err(ApiError::Invalid)?;
    if !api.live.knows(query.entity) {
        return Err(ApiError::NotFound("entity"));
    }
    let series: Vec<_> = metrics.into_iter().map(|metric| (query.entity, metric)).collect();
    let points = query.points.unwrap_or(USUAL_POINTS);
    let lines = api.store.lines(&series, query.from, query.to, points).await?;
    Ok(Json(SeriesAnswer {
        from: query.from,
        to: query.to,
        lines,
    }))
}

/// The metrics asked for, or everything that is wrong with the query.
fn check(query: &SeriesQuery) -> Result<Vec<MetricId>, Vec<FieldProblem>> {
    let mut problems = Vec::new();
    let mut found = Vec::new();
    for name in query.metrics.split(',').map(str::trim).filter(|name| !name.is_empty()) {
        match MetricId::parse(name) {
            Some(metric) => found.push(metric),
            None => problems.push(FieldProblem::new(
                "metrics",
                format!("`{name}` is not a metric"),
                near(name),
            )),
        }
    }
    if found.is_empty() && problems.is_empty() {
        problems.push(FieldProblem::new(
            "metrics",
            "names no metric",
            "Give one or more names, separated by commas.",
        ));
    }
    if found.len() > MOST_METRICS {
        problems.push(FieldProblem::new(
            "metrics",
            "names too many",
            format!("Ask for at most {MOST_METRICS}."),
        ));
    }
    if query.from >= query.to {
        problems.push(FieldProblem::new(
            "from",
            "is not before `to`",
            "Give a range that begins before it ends.",
        ));
    }
    if query.points.is_some_and(|points| !(2..=MOST_POINTS).contains(&points)) {
        problems.push(FieldProblem::new(
            "points",
            "is out of range",
            format!("Ask for 2 to {MOST_POINTS}."),
        ));
    }
    if problems.is_empty() { Ok(found) } else { Err(problems) }
}

fn near(name: &str) -> String {
    match suggest::closest(name, metrics::all().map(|def| def.id.name())) {
        Some(near) => format!("Did you mean `{near}`?"),
        None => "GET /api/v1/metrics lists every metric.".to_string(),
    }
}

#[cfg(test)]
mod tests {
    use brokerscope_contract::{EntityId, Timestamp};

    use super::*;

    fn checked(metrics: &str, from: i64, to: i64, points: Option<usize>) -> Result<usize, String> {
        let query = SeriesQuery {
            entity: EntityId(1),
            metrics: metrics.into(),
            from: Timestamp(from),
            to: Timestamp(to),
            points,
        };
        let fields = |problems: Vec<FieldProblem>| problems.into_iter().map(|p| p.field).collect::<Vec<_>>().join(" ");
        check(&query).map(|found| found.len()).map_err(fields)
    }

    #[test]
    fn a_query_names_metrics_and_a_range_that_make_sense() {
        assert_eq!(checked("depth, published,", 0, 1, None), Ok(2));
        assert_eq!(checked("depth", 0, 1, Some(4_000)), Ok(1));
        for (metrics, from, to, points, expected) in [
            ("dept", 0, 1, None, "metrics"),
            (" , ", 0, 1, None, "metrics"),
            ("depth", 1, 1, None, "from"),
            ("depth", 0, 1, Some(1), "points"),
            ("nope", 2, 1, Some(4_001), "metrics from points"),
            (&"depth,".repeat(51), 0, 1, None, "metrics"),
        ] {
            assert_eq!(
                checked(metrics, from, to, points),
                Err(expected.to_string()),
                "{metrics}"
            );
        }
    }
}
