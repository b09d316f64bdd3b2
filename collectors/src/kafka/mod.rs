//! Watches Kafka clusters: topics, partitions, consumer groups and their lag.
//!
//! [`visitor`] has the order of questions; members, settings and sizes have slower cadences than offsets (see
//! [`cadence`]). [`client`] finds brokers and topics through librdkafka; [`direct`] asks everything else in Kafka's
//! own protocol. [`digest`] takes the answers into [`memory`], [`lag`], [`loss`], [`odometer`] and [`reader`]
//! calculate, and [`map`] turns it all into a snapshot. [`connect`] and [`registry`] are what may stand beside a cluster,
//! asked over HTTP by [`rest`]: each with a pace and a deadline of its own, and never missed by the rest when it is down.

mod beside;
mod cadence;
mod checks;
mod client;
mod config;
mod connect;
mod digest;
mod direct;
mod explain;
mod fields;
mod happening;
mod lag;
mod loss;
mod map;
mod memory;
mod odometer;
mod offsets;
mod patterns;
mod probe;
mod reader;
#[cfg(test)]
mod recorded;
mod registry;
mod rest;
mod statistics;
#[cfg(test)]
mod tests;
mod vendor;
mod visitor;
mod wire;

use brokerscope_contract::{CheckDef, Field, FieldProblem, Settings, System};

use crate::collector::{Collector, Factory};

/// The registration of this system.
pub struct Kafka;

impl Factory for Kafka {
    fn system(&self) -> System {
        System::Kafka
    }

    fn fields(&self) -> Vec<Field> {
        fields::fields()
    }

    fn checks(&self) -> Vec<CheckDef> {
        checks::table()
    }

    fn build(&self, settings: &Settings) -> Result<Box<dyn Collector>, Vec<FieldProblem>> {
        let config = config::parse(settings)?;
        Ok(Box::new(visitor::Visitor::new(config)))
    }
}
