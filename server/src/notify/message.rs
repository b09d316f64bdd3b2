//! What the receiver is told, and whether it is told at all. Pure.

use std::collections::HashMap;

use brokerscope_contract::api::alerts::chart;
use brokerscope_contract::{Alert, AlertState, Timestamp};
use serde::Serialize;

/// The body of one POST.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Message {
    pub occasion: Occasion,
    pub at: Timestamp,
    /// One line for people: name, entity and sentence.
    pub text: String,
    /// Absent in a test.
    pub alert: Option<Alert>,
    /// Address of the chart as a PNG picture; without an external URL in the configuration it begins at the server's root.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chart: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Occasion {
    Fired,
    Resolved,
    Test,
}

/// Whether an alert's present state is news to the receiver, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    First,
    End,
    /// The receiver knows this already.
    Known,
    /// Pending, or ended without ever having been told.
    NothingToTell,
}

/// What the receiver has been told of each alert that has not ended yet, by the alert's id.
#[derive(Debug, Default)]
pub struct Told(HashMap<i64, Occasion>);

impl Told {
    /// After a restart: what fires already was told before.
    pub fn of_active(alerts: &[Alert]) -> Told {
        Told(
            alerts
                .iter()
                .filter(|alert| alert.fired_at.is_some())
                .map(|alert| (alert.id, Occasion::Fired))
                .collect(),
        )
    }

    /// Judges one alert and remembers the judgement.
    pub fn news(&mut self, alert: &Alert) -> News {
        let known = self.0.contains_key(&alert.id);
        match alert.state {
            AlertState::Firing | AlertState::Recovering if known => News::Known,
            // Recovering at first sight: while it fired it could not be stored. It has not ended yet.
            AlertState::Firing | AlertState::Recovering => {
                self.0.insert(alert.id, Occasion::Fired);
                News::First
            }
            AlertState::Resolved if known => {
                self.0.remove(&alert.id);
                News::End
            }
            AlertState::Pending | AlertState::Resolved => News::NothingToTell,
        }
    }
}

impl Message {
    /// The message about an alert that is news. `external_url` is where the receiver reaches this server, if it is known.
    pub fn about(alert: &Alert, occasion: Occasion, at: Timestamp, external_url: Option<&str>) -> Message {
        let word = match occasion {
            Occasion::Fired => "FIRING",
            Occasion::Resolved => "RESOLVED",
            Occasion::Test => "TEST",
        };
        let text = format!(
            "{word}: {} on {} ({}): {}",
            alert.rule_name,
            alert.entity.title(),
            alert.connection_name,
            alert.sentence
        );
        Message {
            occasion,
            at,
            text,
            alert: Some(alert.clone()),
            chart: Some(format!("{}{}", external_url.unwrap_or_default(), chart(alert.id))),
        }
    }

    pub fn test(at: Timestamp) -> Message {
        Message {
            occasion: Occasion::Test,
            at,
            text: "TEST: Brokerscope can reach this address. Alerts will arrive like this.".to_string(),
            alert: None,
            chart: None,
        }
    }
}

#[cfg(test)]
pub mod tests {
    use brokerscope_contract::entity::EntityRef;
    use brokerscope_contract::{ConnectionId, EntityId, EntityKind, RuleId, Severity, metrics};

    use super::*;

    fn alert(state: AlertState) -> Alert {
        Alert {
            id: 4,
            rule: RuleId(1),
            rule_name: "Deep queue".into(),
            metric: metrics::DEPTH,
            severity: Severity::Critical,
            state,
            entity: EntityRef {
                id: EntityId(9),
                connection: ConnectionId(1),
                kind: EntityKind::Queue,
                scope: "/".into(),
                name: "orders".into(),
            },
            connection_name: "rabbit-eu".into(),
            active_at: Timestamp(0),
            fired_at: (state != AlertState::Pending).then_some(Timestamp(1)),
            ended_at: None,
            value: Some(12.0),
            threshold: 10.0,
            sentence: "Messages waiting is 12, above 10.".into(),
        }
    }

    /// A message about an alert of this number.
    pub fn about(id: i64, occasion: Occasion, at: Timestamp) -> Message {
        let alert = Alert {
            id,
            ..alert(AlertState::Firing)
        };
        Message::about(&alert, occasion, at, None)
    }

    #[test]
    fn an_alert_is_told_once_when_it_fires_and_once_when_it_ends() {
        let mut told = Told::default();
        for (state, news) in [
            (AlertState::Pending, News::NothingToTell),
            (AlertState::Firing, News::First),
            (AlertState::Firing, News::Known),
            (AlertState::Recovering, News::Known),
            (AlertState::Firing, News::Known),
            (AlertState::Resolved, News::End),
            (AlertState::Resolved, News::NothingToTell),
        ] {
            assert_eq!(told.news(&alert(state)), news, "{state:?}");
        }
    }

    #[test]
    fn what_recovers_before_it_could_be_told_is_still_told() {
        let mut told = Told::default();
        assert_eq!(told.news(&alert(AlertState::Recovering)), News::First);
        assert_eq!(told.news(&alert(AlertState::Firing)), News::Known);
        assert_eq!(told.news(&alert(AlertState::Resolved)), News::End);
    }

    #[test]
    fn what_fired_before_a_restart_is_not_told_again_but_its_end_is() {
        let mut told = Told::of_active(&[alert(AlertState::Firing)]);
        assert_eq!(told.news(&alert(AlertState::Firing)), News::Known);
        assert_eq!(told.news(&alert(AlertState::Resolved)), News::End);
    }

    #[test]
    fn the_line_says_what_where_and_how_much() {
        let message = Message::about(&alert(AlertState::Firing), Occasion::Fired, Timestamp(7), None);
        assert_eq!(
            message.text,
            "FIRING: Deep queue on orders (rabbit-eu): Messages waiting is 12, above 10."
        );
    }

    #[test]
    fn the_chart_is_found_from_where_the_receiver_is() {
        let chart = |external: Option<&str>| {
            Message::about(&alert(AlertState::Firing), Occasion::Fired, Timestamp(7), external).chart
        };
        assert_eq!(chart(None).as_deref(), Some("/api/v1/alerts/4/chart.png"));
        assert_eq!(
            chart(Some("https://scope.example.com")).as_deref(),
            Some("https://scope.example.com/api/v1/alerts/4/chart.png")
        );
        assert_eq!(Message::test(Timestamp(7)).chart, None);
    }
}
