//! A connection as it is configured, without its secrets.

use brokerscope_contract::connection::Origin;
use brokerscope_contract::{ConnectionId, Settings, System};

/// What the live view is told about a configured connection.
#[derive(Debug, Clone, PartialEq)]
pub struct Known {
    pub id: ConnectionId,
    pub name: String,
    pub system: System,
    pub origin: Origin,
    pub paused: bool,
    /// Settings without the secret ones.
    pub settings: Settings,
    /// Keys of secret settings that have a stored value.
    pub secrets_set: Vec<String>,
    /// Why it cannot be visited at all, and the remedy: secrets that cannot be opened.
    pub trouble: Option<(String, String)>,
}
