//! Watches Amazon SQS queues together with the SNS topics that feed them, over several accounts and regions.
//!
//! [`collector`] is one visit; [`ask`] is the order of the questions to one account in one region, of which those with a
//! pace of their own are in [`details`], the lists in [`lists`]; [`map`] is what the answers mean. [`client`] asks, [`wire`] holds what was
//! answered, [`session`] logs in. [`cloudwatch`] decides what CloudWatch is asked, [`crate::running`] makes counters of its
//! sums, and [`activity`] says who reads; [`pace`] is how much a visit may ask, [`cost`] what that costs. [`probe`] is the "test connection" button.

mod activity;
mod ask;
mod checks;
mod client;
mod cloudwatch;
mod collector;
mod config;
mod cost;
mod details;
mod failure;
mod fields;
mod figures;
mod lists;
mod map;
mod memory;
mod named_queues;
mod pace;
mod pages;
mod probe;
mod refusal;
mod session;
mod told;
mod troubles;
mod turns;
mod wire;

use brokerscope_contract::{CheckDef, Field, FieldProblem, Settings, System};

use crate::collector::{Collector, Factory};

#[cfg(test)]
mod endurance_tests;
#[cfg(test)]
mod fake;
#[cfg(test)]
mod fake_tests;
#[cfg(test)]
mod live_tests;
#[cfg(test)]
mod login_tests;

/// The registration of this system.
pub struct Aws;

impl Factory for Aws {
    fn system(&self) -> System {
        System::AwsSqs
    }

    fn fields(&self) -> Vec<Field> {
        fields::fields()
    }

    fn checks(&self) -> Vec<CheckDef> {
        checks::defs()
    }

    fn build(&self, settings: &Settings) -> Result<Box<dyn Collector>, Vec<FieldProblem>> {
        let config = config::parse(settings)?;
        Ok(Box::new(collector::AwsCollector::new(config)))
    }
}
