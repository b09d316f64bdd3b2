//! Watches RabbitMQ clusters, through the management API and the nodes' Prometheus endpoints.
//!
//! [`collector`] is one visit: which question after which. [`ask`] holds the questions, [`map`] what the answers mean;
//! [`tier`] and [`plan`] decide what is asked how often at which size. [`client`] asks, [`wire`], [`prometheus`] and
//! [`scrape`] read the answers. [`probe`] is the "test connection" button.

mod acquaintance;
mod ask;
mod bridges;
mod checks;
mod client;
mod collector;
mod config;
mod counters;
mod endpoints;
mod failure;
mod figures;
mod identity;
mod inventory;
mod loose;
mod map;
mod memory;
mod names;
mod plan;
mod policies;
mod precedence;
mod probe;
mod publishers;
mod routing;
mod scrape;
mod super_streams;
mod tier;
mod wire;

use brokerscope_contract::{CheckDef, Field, FieldProblem, Settings, System};

use crate::collector::{Collector, Factory};

#[cfg(test)]
mod fake_tests;
#[cfg(test)]
mod live_tests;
#[cfg(test)]
mod recorded;

/// The registration of this system.
pub struct RabbitMq;

impl Factory for RabbitMq {
    fn system(&self) -> System {
        System::RabbitMq
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
            let remedy = "Check the certificates; leave them out to use the system's authorities.";
            vec![FieldProblem::new(
                "ca_certificate",
                format!("cannot be used: {error}"),
                remedy,
            )]
        })?;
        Ok(Box::new(collector::RabbitMqCollector::new(config, client)))
    }
}
