//! What needs a person, in one answer.

use serde::{Deserialize, Serialize};

use crate::api::connections::ConnectionView;
use crate::api::entities::EntityRow;
use crate::{Alert, ConnectionId, Judgement, System, Timestamp};

/// `GET /overview`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Overview {
    /// What is wrong, the worst and oldest first, at most 20.
    pub attention: Vec<Attention>,
    /// How many things are wrong in all.
    pub attention_total: usize,
    /// The worst first.
    pub connections: Vec<ConnectionView>,
    pub destinations: usize,
    /// Those of which it is known now that they are well.
    pub destinations_ok: usize,
    pub subscriptions: usize,
    pub firing: usize,
    /// The oldest of the connections' last answers.
    pub as_of: Option<Timestamp>,
    /// What the process itself uses.
    pub process: ProcessView,
    pub banners: Vec<Banner>,
}

/// One thing that needs a person.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Attention {
    Connection {
        connection: ConnectionId,
        name: String,
        system: System,
        judgement: Judgement,
        /// Topics that are at risk for what is wrong with the connection, and therefore not listed one by one.
        #[serde(default, skip_serializing_if = "is_none")]
        topics_at_risk: usize,
    },
    Entity {
        row: Box<EntityRow>,
        /// The alerts that fire on it, which are not listed a second time.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        alerts: Vec<Alert>,
    },
    Alert {
        alert: Box<Alert>,
    },
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
fn is_none(count: &usize) -> bool {
    *count == 0
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct ProcessView {
    pub version: String,
    pub resident_bytes: Option<u64>,
    /// Share of one core over the last minute, 0 to 1 and more.
    pub cpu: Option<f64>,
    pub database_bytes: Option<u64>,
    pub started_at: Timestamp,
}

/// Something about Brokerscope itself that everybody must know, such as a full disk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Banner {
    pub kind: String,
    pub text: String,
    pub remedy: String,
    pub since: Timestamp,
}
