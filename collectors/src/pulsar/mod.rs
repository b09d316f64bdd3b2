//! Watches Pulsar clusters, through the admin API and the metrics endpoint of each broker.
//!
//! [`collector`] is one visit: which question after which. [`ask`] holds the questions, [`map`] what the answers mean;
//! [`plan`] decides what is asked how often at which size. [`client`] asks, [`redirect`] says where a redirect may lead,
//! [`wire`] and [`scrape`] read the answers; [`functions`] holds all that is about the functions worker. [`probe`] is the "test connection" button.

mod ages;
mod ask;
mod brokers;
mod checks;
mod client;
mod collector;
mod config;
mod counted;
mod failure;
mod functions;
mod inventory;
mod map;
mod memory;
mod names;
mod odometer;
mod plan;
mod probe;
mod redirect;
mod refusal;
mod scrape;
mod turns;
mod wire;

use brokerscope_contract::{CheckDef, Field, FieldProblem, Settings, System};

use crate::collector::{Collector, Factory};

#[cfg(test)]
mod fake_tests;
#[cfg(test)]
mod geo_tests;
#[cfg(test)]
mod kinds_tests;
#[cfg(test)]
mod live_tests;
#[cfg(test)]
mod own_broker;
#[cfg(test)]
mod recorded;
#[cfg(test)]
mod refusal_tests;
#[cfg(test)]
mod token_tests;
#[cfg(test)]
mod unseen_tests;

/// The registration of this system.
pub struct Pulsar;

impl Factory for Pulsar {
    fn system(&self) -> System {
        System::Pulsar
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
        Ok(Box::new(collector::PulsarCollector::new(config, client)))
    }
}
