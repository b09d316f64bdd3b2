//! `.brokers/<name>/endpoints.json`: what a test needs to know about a broker that runs.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Serialize;

use crate::failure::{Failure, Outcome};
use crate::files;

/// Addresses are `host:port`, or URLs where HTTP is spoken; empty lists are left out.
#[derive(Debug, Default, Serialize)]
pub struct Endpoints {
    pub system: &'static str,
    pub version: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub bootstrap: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub amqp: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub management: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub prometheus: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub stream: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub user: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<&'static str>,
    /// Addresses of listeners with TLS or a login, by what they ask of a client.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub secured: BTreeMap<&'static str, String>,
    /// Passwords by user, where there are several.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub users: BTreeMap<String, String>,
    /// The folder of the certificates that the secured listeners go by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub certificates: Option<String>,
    /// A program that runs the broker's own tool.
    pub ctl: String,
    /// Names of the nodes as the broker says them.
    pub nodes: Vec<String>,
    /// Process ids of the nodes, in the same order.
    pub node_pids: Vec<u32>,
}

impl Endpoints {
    /// Writes the file.
    pub fn write(&self, folder: &Path) -> Outcome {
        let text = serde_json::to_string_pretty(self).map_err(|error| Failure::new(format!("endpoints: {error}")))?;
        files::write(&folder.join("endpoints.json"), format!("{text}\n").as_bytes())
    }

    /// One line for the terminal.
    pub fn summary(&self) -> String {
        let mut parts = vec![format!("{} {}", self.system, self.version)];
        for (label, addresses) in [
            ("bootstrap", &self.bootstrap),
            ("amqp", &self.amqp),
            ("management", &self.management),
        ] {
            if !addresses.is_empty() {
                parts.push(format!("{label} {}", addresses.join(",")));
            }
        }
        parts.join("  ")
    }
}
