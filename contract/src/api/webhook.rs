//! The one generic webhook that is told when an alert fires or ends.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// `GET /webhook`.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct WebhookView {
    /// Scheme and host of the address, since the rest may hold a token; `None` when no webhook is set.
    pub url: Option<String>,
    pub last_delivery: Option<Delivery>,
}

/// `PUT /webhook`; an empty address switches it off.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct WebhookRequest {
    pub url: String,
}

/// By hand, since the address may hold a token.
impl fmt::Debug for WebhookRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WebhookRequest").finish_non_exhaustive()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct Delivery {
    pub at: Timestamp,
    pub delivered: bool,
    /// What the receiver answered or why it could not be reached.
    pub text: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_shown_without_its_address() {
        let request = WebhookRequest {
            url: "https://hooks.example/T0/secret-word".into(),
        };
        assert_eq!(format!("{request:?}"), "WebhookRequest { .. }");
    }
}
