//! Watches Kafka clusters: topics, partitions, consumer groups and their lag.
//!
//! A visit asks Metadata and the end of every log; groups, members, settings and sizes have slower cadences (see
//! [`cadence`]). [`client`] asks through librdkafka, [`ffi`] holds its admin calls that have no safe wrapper,
//! [`memory`] keeps what is needed from visit to visit, [`lag`], [`loss`], [`odometer`] and [`reader`] calculate,
//! and [`map`] turns it all into a snapshot.

mod cadence;
mod checks;
mod client;
mod config;
mod digest;
mod direct;
mod explain;
mod ffi;
mod fields;
mod lag;
#[cfg(test)]
mod live_tests;
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
mod statistics;
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
