//! What the answers mean: from Pulsar's shapes to entities, samples, links and checks. Pure.

pub mod clients;
pub mod cluster;
pub mod dead_letters;
pub mod namespaces;
pub mod nodes;
pub mod replication;
pub mod service_name;
pub mod subscriptions;
pub mod topics;
pub mod warnings;

use std::collections::BTreeMap;

use brokerscope_contract::{CheckResult, Entity, EntityKey, Link, Method, MetricId, Sample, Timestamp};

use super::ages::Ages;
use super::functions::{self, Functions};
use super::inventory::{Inventory, Whole};
use super::names::TopicName;
use super::odometer::Odometer;

/// Everything that is known about topics on one visit.
#[derive(Clone, Copy)]
pub struct View<'a> {
    pub at: Timestamp,
    pub wholes: &'a BTreeMap<TopicName, Whole<'a>>,
    pub inventory: &'a Inventory,
    pub odometer: &'a Odometer,
    pub ages: &'a Ages,
    pub functions: &'a Functions,
    /// Some topics were not seen that may be loaded: a sum over all would be too small.
    pub is_incomplete: bool,
}

/// What a part of the map has to say.
#[derive(Debug, Default)]
pub struct Mapped {
    pub entities: Vec<Entity>,
    pub samples: Vec<Sample>,
    pub links: Vec<Link>,
    pub checks: Vec<CheckResult>,
}

impl Mapped {
    /// Samples of one entity; what is not known is left out.
    fn sample<const N: usize>(&mut self, entity: &EntityKey, values: [(MetricId, Option<f64>); N]) {
        for (metric, value) in values {
            if let Some(value) = value.filter(|value| value.is_finite()) {
                self.samples.push(Sample::new(entity.clone(), metric, value));
            }
        }
    }

    fn derived(&mut self, entity: &EntityKey, metric: MetricId, value: Option<f64>, method: Option<Method>) {
        if let Some(value) = value.filter(|value| value.is_finite()) {
            self.samples.push(Sample {
                method,
                ..Sample::new(entity.clone(), metric, value)
            });
        }
    }
}

/// Everything about topics, subscriptions, clients and namespaces.
pub fn all(view: View<'_>) -> Mapped {
    let mut mapped = Mapped::default();
    namespaces::map(view, &mut mapped);
    topics::map(view, &mut mapped);
    subscriptions::map(view, &mut mapped);
    clients::map(view, &mut mapped);
    functions::map(view, &mut mapped);
    dead_letters::map(view, &mut mapped);
    replication::map(view, &mut mapped);
    mapped
}

/// The sum, if every part is known: the sum of some is not the sum.
fn sum(values: impl IntoIterator<Item = Option<f64>>) -> Option<f64> {
    let mut values = values.into_iter().peekable();
    values.peek()?;
    values.try_fold(0.0, |sum, value| Some(sum + value?))
}

fn greatest(values: impl IntoIterator<Item = Option<f64>>) -> Option<f64> {
    values.into_iter().flatten().reduce(f64::max)
}

#[cfg(test)]
mod tests;
