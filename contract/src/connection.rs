//! A connection: one configured broker cluster and the settings that reach it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// The store's number for a connection; it never changes and is never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct ConnectionId(pub i64);

/// Settings by field key, as typed in the form or written in the file.
///
/// Secrets are in here only on their way from the page or the file to the collector; what the server
/// sends to the page has them replaced, see [`crate::api::connections::ConnectionView`].
pub type Settings = BTreeMap<String, serde_json::Value>;

/// Where a connection or a rule was declared. What comes from a file is read-only on the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    Page,
    File,
    BuiltIn,
    /// The demo shop's broker: made and removed with the demo.
    Demo,
}
