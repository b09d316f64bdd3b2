//! `GET /alerts/{id}/chart.png`: the figure around the time in which an alert fired, as a picture for its receivers.

use axum::extract::State;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use brokerscope_contract::api::rules::Firing;
use brokerscope_contract::{Alert, Timestamp};
use brokerscope_pictures::{Plot, Threshold, WIDTH, draw, png};

use super::error::ApiError;
use super::extract::Id;
use super::state::Api;

/// What is shown before it began and after it ended: as much as it lasted, within these bounds, in milliseconds.
const AROUND: (i64, i64) = (15 * 60_000, 6 * 3_600_000);

pub async fn of_alert(State(api): State<Api>, Id(id): Id) -> Result<Response, ApiError> {
    let active = api.alerts.active().into_iter().find(|alert| alert.id == id);
    let alert = match active {
        Some(alert) => alert,
        None => api.store.alert(id).await?.ok_or(ApiError::NotFound("alert"))?,
    };
    let (from, to) = span(&alert, api.now());
    let series = [(alert.entity.id, alert.metric)];
    let lines = api.store.lines(&series, from, to, WIDTH as usize).await?;
    let line = lines.first().ok_or(ApiError::NotFound("figure"))?;
    let rule = api.alerts.rule(alert.rule);
    let firings: Vec<Firing> = alert
        .fired_at
        .map(|from| Firing {
            from,
            to: alert.ended_at,
        })
        .into_iter()
        .collect();
    let plot = Plot {
        title: &alert.rule_name,
        subject: &format!("{} · {}", alert.entity.title(), alert.connection_name),
        sentence: &alert.sentence,
        from,
        to,
        line,
        threshold: Threshold {
            comparison: rule.as_ref().map(|rule| rule.comparison),
            fire: alert.threshold,
            clear: rule.as_ref().map(|rule| rule.clear),
        },
        severity: alert.severity,
        firings: &firings,
    };
    let file = draw(&plot)
        .and_then(|picture| png(&picture))
        .map_err(|error| ApiError::Internal(error.to_string()))?;
    Ok(([(CONTENT_TYPE, "image/png")], file).into_response())
}

/// From before the condition held until after it ended, or until now.
fn span(alert: &Alert, now: Timestamp) -> (Timestamp, Timestamp) {
    let end = alert.ended_at.unwrap_or(now);
    let around = end.millis_since(alert.active_at).clamp(AROUND.0, AROUND.1);
    let from = alert.active_at.plus_millis(-around);
    let to = end.plus_millis(around).min(now);
    (from, to.max(from.plus_millis(1)))
}

#[cfg(test)]
mod tests {
    use brokerscope_contract::entity::EntityRef;
    use brokerscope_contract::{AlertState, ConnectionId, EntityId, EntityKind, RuleId, Severity, metrics};

    use super::*;

    fn minutes(n: i64) -> Timestamp {
        Timestamp(n * 60_000)
    }

    /// In minutes: what is shown at minute 1,000 of an alert that was active from 500 on.
    fn shown(ended: Option<i64>) -> (i64, i64) {
        let alert = Alert {
            id: 1,
            rule: RuleId(1),
            rule_name: String::new(),
            metric: metrics::DEPTH,
            severity: Severity::Warning,
            state: AlertState::Firing,
            entity: EntityRef {
                id: EntityId(1),
                connection: ConnectionId(1),
                kind: EntityKind::Queue,
                scope: String::new(),
                name: "q".into(),
            },
            connection_name: String::new(),
            active_at: minutes(500),
            fired_at: None,
            ended_at: ended.map(minutes),
            value: None,
            threshold: 1.0,
            sentence: String::new(),
        };
        let (from, to) = span(&alert, minutes(1_000));
        (from.0 / 60_000, to.0 / 60_000)
    }

    #[test]
    fn what_is_shown_holds_the_alert_and_as_much_around_it_as_it_lasted() {
        assert_eq!(shown(Some(560)), (440, 620));
        assert_eq!(shown(Some(501)), (485, 516), "at least a quarter of an hour");
        assert_eq!(shown(None), (140, 1_000), "six hours at most, and never the future");
    }
}
