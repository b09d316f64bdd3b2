//! Watches Google Cloud Pub/Sub, through its REST admin API and Cloud Monitoring.
//!
//! The admin API knows what there is and nothing of how much; every figure comes from Cloud Monitoring, minutes late.
//!
//! [`collector`] is one visit: which question after which. [`questions`] is the table of figures that are asked for,
//! [`ledger`] turns Monitoring's points into samples, [`inventory`] keeps what the admin API lists, [`map`] says what
//! it means. [`client`] asks, [`token`] logs in, [`wire`] reads the answers. [`probe`] is the "test connection" button.

mod activity;
mod checks;
mod client;
mod collector;
mod config;
mod credentials;
mod delivery;
mod failure;
mod inventory;
mod ledger;
mod listing;
mod map;
mod numbers;
mod probe;
mod project;
mod questions;
mod quota;
mod token;
mod wire;

use brokerscope_contract::{CheckDef, Field, FieldProblem, Settings, System};

use crate::collector::{Collector, Factory};

#[cfg(test)]
#[path = "../../../tests/src/pubsub_fake.rs"]
mod fake;
#[cfg(test)]
mod fake_tests;
#[cfg(test)]
mod live_tests;
#[cfg(test)]
mod refusal_tests;

/// The registration of this system.
pub struct PubSub;

impl Factory for PubSub {
    fn system(&self) -> System {
        System::GcpPubsub
    }

    fn fields(&self) -> Vec<Field> {
        config::fields()
    }

    fn checks(&self) -> Vec<CheckDef> {
        checks::defs()
    }

    fn build(&self, settings: &Settings) -> Result<Box<dyn Collector>, Vec<FieldProblem>> {
        let config = config::parse(settings)?;
        let client = client::Client::new(&config).map_err(|error| {
            let remedy = "Check the addresses and the timeout.";
            vec![FieldProblem::new(
                "pubsub_url",
                format!("cannot be used: {error}"),
                remedy,
            )]
        })?;
        Ok(Box::new(collector::PubSubCollector::new(config, client)))
    }
}
