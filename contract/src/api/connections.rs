//! Connections: the configured broker clusters.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::connection::Origin;
use crate::{
    Absence, CheckDef, ConnectionId, Cost, Field, Judgement, MetricId, Reading, ServerInfo, Settings, Status, System,
    Timestamp,
};

/// `GET /systems`: a broker system that this binary can watch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct SystemView {
    pub system: System,
    pub label: String,
    pub fields: Vec<Field>,
    pub checks: Vec<CheckDef>,
}

/// `POST /connections`, `PUT /connections/{id}`, `POST /connections/test`.
///
/// A secret that is left out of `settings` on an update keeps its stored value; the empty string removes it.
/// In a test, `id` names the stored connection whose secrets are to be used for those left out.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ConnectionRequest {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub id: Option<ConnectionId>,
    pub name: String,
    pub system: System,
    #[serde(default)]
    pub settings: Settings,
}

/// By hand, since the settings hold secrets: of them only the keys are said.
impl fmt::Debug for ConnectionRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ConnectionRequest")
            .field("id", &self.id)
            .field("name", &self.name)
            .field("system", &self.system)
            .field("settings", &self.settings.keys().collect::<Vec<_>>())
            .finish()
    }
}

/// `PATCH /connections/{id}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ConnectionPatch {
    pub paused: bool,
}

/// A connection as pages show it. Holds no secret.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ConnectionView {
    pub id: ConnectionId,
    pub name: String,
    pub system: System,
    pub origin: Origin,
    pub paused: bool,
    /// Settings without the secret ones.
    pub settings: Settings,
    /// Keys of secret settings that have a stored value.
    pub secrets_set: Vec<String>,
    pub judgement: Judgement,
    pub server: ServerInfo,
    /// What the last visit could not learn.
    pub warnings: Vec<Gap>,
    /// End of the last visit that got an answer.
    pub last_answer_at: Option<Timestamp>,
    /// When the next visit is due; later than usual while backing off.
    pub next_visit_at: Option<Timestamp>,
    pub cost: Option<Cost>,
    /// The newest visits, oldest first, at most 90.
    pub beats: Vec<Beat>,
    /// Share of visits that got an answer over the stored past, at most 30 days; 0 to 1.
    pub uptime: Option<f64>,
    pub destinations: usize,
    pub subscriptions: usize,
    /// Messages per second into all destinations.
    pub throughput: Reading,
    pub depth: Reading,
    /// The last hour of depth and of throughput, oldest first, evenly spaced; `None` is a gap.
    pub depth_line: Vec<Option<f32>>,
    pub throughput_line: Vec<Option<f32>>,
    /// Grows with every stored visit.
    pub revision: u64,
}

/// What the last visit could not learn, for all that it is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Gap {
    pub reason: Absence,
    /// The metrics that are missing because of it; empty when it is about something else.
    pub metrics: Vec<MetricId>,
    /// What is missing and why, in one sentence.
    pub text: String,
    /// What a person can do about it.
    pub remedy: Option<String>,
    /// How many queues, topics, groups and so on it is about; 0 for the whole connection.
    pub entities: usize,
    /// The names of some of them.
    pub examples: Vec<String>,
}

/// One bar of the heartbeat.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Beat {
    pub at: Timestamp,
    pub status: Status,
    /// What was wrong; empty when nothing was.
    pub text: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_shown_without_its_secrets() {
        let request = ConnectionRequest {
            id: None,
            name: "shop".into(),
            system: System::Kafka,
            settings: [("password".to_string(), "secret-word".into())].into(),
        };
        let shown = format!("{request:?}");
        assert!(shown.contains("shop") && shown.contains("password"), "{shown}");
        assert!(!shown.contains("secret-word"), "{shown}");
    }
}
