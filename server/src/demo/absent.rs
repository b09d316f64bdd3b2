//! In place of the shop in a binary that was built without it.

use std::sync::Arc;

use brokerscope_contract::Timestamp;
use brokerscope_contract::api::demo::{FaultView, OrderTotals};

pub const AVAILABLE: bool = false;

/// There is none.
pub enum Demo {}

pub enum Fault {}

#[expect(dead_code, reason = "the shop reads them; in this binary nobody does")]
pub struct Options {
    pub clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
    pub messages_per_second: u32,
    pub otlp_endpoint: Option<String>,
}

#[derive(Debug, thiserror::Error)]
#[error("this binary was built without the demo")]
pub struct DemoError;

impl Fault {
    pub fn from_slug(_slug: &str) -> Option<Fault> {
        None
    }
}

impl Demo {
    pub async fn start(_options: Options) -> Result<Demo, DemoError> {
        Err(DemoError)
    }

    pub fn bootstrap_servers(&self) -> &str {
        match *self {}
    }

    pub fn faults(&self) -> Vec<FaultView> {
        match *self {}
    }

    pub async fn set(&self, _fault: Fault, _on: bool) -> Result<(), DemoError> {
        match *self {}
    }

    pub async fn reset(&self) -> Result<(), DemoError> {
        match *self {}
    }

    pub fn totals(&self) -> OrderTotals {
        match *self {}
    }

    pub fn ended_services(&self) -> Vec<String> {
        match *self {}
    }

    pub async fn shutdown(self) {
        match self {}
    }
}
