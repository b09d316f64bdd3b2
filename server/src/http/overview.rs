//! `GET /overview`: what needs a person, in one answer.

use std::cmp::Reverse;
use std::collections::HashSet;

use axum::Json;
use axum::extract::State;
use brokerscope_contract::api::overview::{Attention, Banner, Overview, ProcessView};
use brokerscope_contract::{Alert, EntityId, Severity, Status};
use brokerscope_store::{Trouble, TroubleKind};

use super::state::Api;
use crate::process;

const ATTENTION_SHOWN: usize = 20;

pub async fn show(State(api): State<Api>) -> Json<Overview> {
    let now = api.now();
    let connections = api.live.connections(now);
    let firing: Vec<Alert> = api
        .alerts
        .active()
        .into_iter()
        // One that recovers has not ended yet.
        .filter(|alert| alert.fired_at.is_some())
        .collect();
    let alerted = firing.iter().map(|alert| alert.entity.id).collect();
    let wanting = api.live.attention(now, ATTENTION_SHOWN, &alerted);
    let store = api.store.health();
    let firing_total = firing.len();
    let (alone, found) = joined(firing, wanting.shown, &wanting.alerted);
    Json(Overview {
        attention_total: wanting.total + alone.len(),
        firing: firing_total,
        attention: worst_first(alone, found),
        destinations_ok: wanting.fine,
        destinations: connections.iter().map(|connection| connection.destinations).sum(),
        subscriptions: connections.iter().map(|connection| connection.subscriptions).sum(),
        as_of: connections
            .iter()
            .filter(|connection| !connection.paused)
            .filter_map(|c| c.last_answer_at)
            .min(),
        connections,
        process: ProcessView {
            version: env!("CARGO_PKG_VERSION").to_string(),
            resident_bytes: process::resident_bytes(),
            cpu: api.process.cpu(),
            database_bytes: (store.bytes > 0).then_some(store.bytes),
            started_at: api.process.started_at,
        },
        banners: store.trouble.map(banner).into_iter().collect(),
    })
}

/// Puts each alert to the entity that is listed for its verdict anyway, and returns those that stay alone. An alert on
/// what is `known` to be wrong is no further thing that needs a person, also when the list has no room for it.
fn joined(firing: Vec<Alert>, mut found: Vec<Attention>, known: &HashSet<EntityId>) -> (Vec<Alert>, Vec<Attention>) {
    let mut alone = Vec::new();
    for alert in firing {
        let listed = found.iter_mut().find_map(|one| match one {
            Attention::Entity { row, alerts } if row.entity.id == alert.entity.id => Some(alerts),
            _ => None,
        });
        match listed {
            Some(alerts) => alerts.push(alert),
            None if known.contains(&alert.entity.id) => {}
            None => alone.push(alert),
        }
    }
    (alone, found)
}

/// Alerts before verdicts of the same weight: a person has asked for them.
fn worst_first(firing: Vec<Alert>, found: Vec<Attention>) -> Vec<Attention> {
    let alerts = firing
        .into_iter()
        .map(|alert| Attention::Alert { alert: Box::new(alert) });
    let mut all: Vec<Attention> = alerts.chain(found).collect();
    // Stable: within a weight both keep their own order, the worst and oldest first.
    all.sort_by_key(|one| Reverse(weight(one)));
    all.truncate(ATTENTION_SHOWN);
    all
}

fn weight(one: &Attention) -> Status {
    match one {
        Attention::Alert { alert } => of_alert(alert),
        Attention::Connection { judgement, .. } => judgement.verdict.status(),
        Attention::Entity { row, alerts } => {
            let verdict = row.judgement.verdict.status();
            alerts.iter().map(of_alert).fold(verdict, Status::max)
        }
    }
}

fn of_alert(alert: &Alert) -> Status {
    match alert.severity {
        Severity::Critical => Status::Critical,
        Severity::Warning => Status::Warning,
    }
}

fn banner(trouble: Trouble) -> Banner {
    let (kind, text, remedy) = match trouble.kind {
        TroubleKind::DiskFull => (
            "disk_full",
            "The disk is full: nothing new is stored. What was stored before is still shown.".to_string(),
            "Free some space where the data folder is; storing goes on by itself.",
        ),
        TroubleKind::Failing => (
            "store_failing",
            format!("Nothing new can be stored: {}.", trouble.text.trim_end_matches('.')),
            "Check the disk and the permissions of the data folder; storing goes on by itself.",
        ),
    };
    Banner {
        kind: kind.to_string(),
        text,
        remedy: remedy.to_string(),
        since: trouble.since,
    }
}

#[cfg(test)]
mod tests {
    use brokerscope_contract::api::entities::EntityRow;
    use brokerscope_contract::entity::EntityRef;
    use brokerscope_contract::{
        Absence, AlertState, ConnectionId, EntityKind, Judgement, Reading, RuleId, System, Timestamp, Verdict, metrics,
    };

    use super::*;

    fn alert(id: i64, severity: Severity) -> Alert {
        Alert {
            id,
            rule: RuleId(1),
            rule_name: "deep".into(),
            metric: metrics::DEPTH,
            severity,
            state: AlertState::Firing,
            entity: EntityRef {
                id: EntityId(1),
                connection: ConnectionId(1),
                kind: EntityKind::Queue,
                scope: "/".into(),
                name: "orders".into(),
            },
            connection_name: "rabbit".into(),
            active_at: Timestamp(0),
            fired_at: Some(Timestamp(0)),
            ended_at: None,
            value: Some(2.0),
            threshold: 1.0,
            sentence: String::new(),
        }
    }

    fn connection(id: i64, verdict: Verdict) -> Attention {
        Attention::Connection {
            connection: ConnectionId(id),
            name: "c".into(),
            system: System::Kafka,
            judgement: Judgement::new(verdict, "", Timestamp(0)),
            topics_at_risk: 0,
        }
    }

    fn entity(id: i64) -> Attention {
        let nothing = Reading::absent(Absence::NoData);
        let row = EntityRow {
            entity: EntityRef {
                id: EntityId(id),
                ..alert(1, Severity::Warning).entity
            },
            connection_name: "rabbit".into(),
            system: System::RabbitMq,
            internal: false,
            judgement: Judgement::new(Verdict::Slow, "", Timestamp(0)),
            depth: nothing,
            in_flight: nothing,
            lag: nothing,
            lag_seconds: nothing,
            oldest_age: nothing,
            rate_in: nothing,
            rate_out: nothing,
            consumers: nothing,
            dead_letter: None,
            line: Vec::new(),
        };
        Attention::Entity {
            row: Box::new(row),
            alerts: Vec::new(),
        }
    }

    #[test]
    fn an_alert_on_what_is_listed_anyway_is_not_listed_again() {
        let found = vec![entity(1), connection(3, Verdict::Unreachable)];
        let mut elsewhere = alert(8, Severity::Warning);
        elsewhere.entity.id = EntityId(2);
        let mut known = alert(9, Severity::Warning);
        known.entity.id = EntityId(4);
        let wrong = HashSet::from([EntityId(1), EntityId(4)]);
        let (alone, found) = joined(vec![alert(7, Severity::Critical), elsewhere, known], found, &wrong);
        assert_eq!(alone.iter().map(|alert| alert.id).collect::<Vec<_>>(), [8]);
        let Attention::Entity { alerts, .. } = &found[0] else {
            panic!("{found:?}")
        };
        assert_eq!(alerts.iter().map(|alert| alert.id).collect::<Vec<_>>(), [7]);
        assert_eq!(
            weight(&found[0]),
            Status::Critical,
            "it counts as much as its worst alert"
        );
    }

    #[test]
    fn what_is_critical_comes_before_every_warning() {
        let firing = vec![alert(1, Severity::Warning), alert(2, Severity::Critical)];
        let found = vec![connection(3, Verdict::Unreachable), connection(4, Verdict::AtRisk)];
        let order: Vec<i64> = worst_first(firing, found)
            .iter()
            .map(|one| match one {
                Attention::Alert { alert } => alert.id,
                Attention::Connection { connection, .. } => connection.0,
                Attention::Entity { row, .. } => row.entity.id.0,
            })
            .collect();
        assert_eq!(order, [2, 3, 1, 4]);
    }
}
