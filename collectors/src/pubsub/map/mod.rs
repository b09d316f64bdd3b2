//! From what Google says to what everybody here understands. Pure: nothing asks, nothing waits.
//!
//! - [`topics`], [`subscriptions`]: the objects with the settings that explain them
//! - [`links`]: from topics through subscriptions to endpoints and dead-letter topics
//! - [`state`]: what is wrong with objects, as checks of their project
//! - [`blind_spots`]: what cannot be seen, and why

pub mod blind_spots;
pub mod links;
pub mod state;
pub mod subscriptions;
pub mod topics;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use brokerscope_contract::{Attribute, EntityKey, EntityKind};
use brokerscope_figures::format::duration;

use super::inventory::Inventory;
use crate::excerpt::shortened;

/// The inventories of all projects, by project.
pub type Inventories = BTreeMap<String, Inventory>;

pub fn project_key(project: &str) -> EntityKey {
    EntityKey::new(EntityKind::Node, [project])
}

/// A setting, cut to a length that a page can show; labels and filters may be long.
fn attribute(name: &str, value: &str) -> Attribute {
    Attribute::new(name, shortened(value))
}

fn labels(labels: &BTreeMap<String, String>) -> Option<Attribute> {
    let pairs: Vec<_> = labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
    (!pairs.is_empty()).then(|| attribute("labels", &pairs.join(", ")))
}

/// `604800s` in words, with what it means in front.
fn lasting(name: &str, value: Option<&String>, meaning: &str) -> Option<Attribute> {
    let value = value?;
    let seconds: Option<f64> = value.strip_suffix('s').and_then(|text| text.parse().ok());
    let attribute = attribute(name, value);
    Some(match seconds {
        Some(seconds) => attribute.note(format!("{meaning} {}", duration(seconds))),
        None => attribute,
    })
}
