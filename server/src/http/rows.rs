//! `/destinations` and `/subscriptions`: the tables over all brokers.

use axum::Json;
use axum::extract::State;
use brokerscope_contract::api::entities::{Rows, RowsQuery};
use brokerscope_contract::{EntityKind, FieldProblem, Role, System, Verdict};

use super::error::ApiError;
use super::extract::Query;
use super::state::Api;
use crate::suggest;

const LONGEST_PAGE: usize = 500;
const SORTS: &[&str] = &[
    "verdict",
    "name",
    "connection",
    "depth",
    "in_flight",
    "lag",
    "lag_seconds",
    "rate_in",
    "rate_out",
    "consumers",
];

pub async fn destinations(State(api): State<Api>, Query(query): Query<RowsQuery>) -> Result<Json<Rows>, ApiError> {
    rows(&api, Role::Destination, &query)
}

pub async fn subscriptions(State(api): State<Api>, Query(query): Query<RowsQuery>) -> Result<Json<Rows>, ApiError> {
    rows(&api, Role::Subscription, &query)
}

fn rows(api: &Api, role: Role, query: &RowsQuery) -> Result<Json<Rows>, ApiError> {
    let problems = wrong_words(query);
    if !problems.is_empty() {
        return Err(ApiError::Invalid(problems));
    }
    let rows = api.live.rows(role, query, api.now());
    rows.map(Json).map_err(|problem| ApiError::Invalid(vec![problem]))
}

/// Every part of the query that is not one of the words it may be.
fn wrong_words(query: &RowsQuery) -> Vec<FieldProblem> {
    let systems: Vec<&str> = System::ALL.iter().map(|system| system.slug()).collect();
    let verdicts: Vec<&str> = ["attention"]
        .into_iter()
        .chain(Verdict::ALL.iter().map(|v| v.slug()))
        .collect();
    let kinds: Vec<&str> = EntityKind::ALL.iter().map(|kind| kind.slug()).collect();
    let words = [
        ("system", &query.system, systems.as_slice()),
        ("verdict", &query.verdict, &verdicts),
        ("kind", &query.kind, &kinds),
        ("sort", &query.sort, SORTS),
        ("dir", &query.dir, &["asc", "desc"]),
    ];
    let mut problems: Vec<FieldProblem> = words
        .into_iter()
        .filter_map(|(field, given, known)| {
            let given = given.as_deref().filter(|given| !known.contains(given))?;
            Some(FieldProblem::new(
                field,
                format!("`{given}` is not known"),
                suggest::remedy(given, known),
            ))
        })
        .collect();
    if query.limit.is_some_and(|limit| limit == 0 || limit > LONGEST_PAGE) {
        let remedy = format!("Ask for 1 to {LONGEST_PAGE} rows.");
        problems.push(FieldProblem::new("limit", "is out of range", remedy));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_wrong_word_is_named() {
        let query = |change: fn(&mut RowsQuery)| {
            let mut query = RowsQuery::default();
            change(&mut query);
            let fields = wrong_words(&query).into_iter().map(|problem| problem.field);
            fields.collect::<Vec<_>>().join(" ")
        };
        assert_eq!(query(|_| {}), "");
        assert_eq!(query(|q| q.verdict = Some("attention".into())), "");
        assert_eq!(query(|q| q.verdict = Some("stalled".into())), "");
        assert_eq!(query(|q| q.limit = Some(500)), "");
        assert_eq!(query(|q| q.limit = Some(501)), "limit");
        assert_eq!(query(|q| q.limit = Some(0)), "limit");
        assert_eq!(query(|q| q.sort = Some("colour".into())), "sort");
        assert_eq!(
            query(|q| {
                q.system = Some("carrier-pigeon".into());
                q.verdict = Some("".into());
                q.kind = Some("Queue".into());
                q.dir = Some("up".into());
            }),
            "system verdict kind dir"
        );
    }
}
