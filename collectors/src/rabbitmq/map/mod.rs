//! From what the broker says to what everybody here understands. Pure: nothing asks, nothing waits.
//!
//! - [`attributes`], [`objects`]: virtual hosts, exchanges, queues with the settings that explain them
//! - [`routes`], [`dead_letters`]: the links between them
//! - [`clients`], [`consumers`]: consumers and services, named by [`service_name`]
//! - [`bridges`], [`bridge_links`]: shovels and federation links, and what they join
//! - [`sites`]: where this broker is reached, and which broker a bridge's address means
//! - [`features`]: feature flags and deprecated features
//! - [`streams`]: readers of streams and super streams as subscriptions
//! - [`samples`]: the figures of queues and exchanges
//! - [`nodes`]: nodes with their figures and alarms
//! - [`blind_spots`]: what cannot be seen, and why

pub mod attributes;
pub mod blind_spots;
pub mod bridge_links;
pub mod bridges;
pub mod clients;
pub mod consumers;
pub mod dead_letters;
pub mod features;
pub mod nodes;
pub mod objects;
pub mod routes;
pub mod samples;
pub mod service_name;
pub mod sites;
pub mod streams;

#[cfg(test)]
mod bridge_tests;
#[cfg(test)]
mod stream_tests;
#[cfg(test)]
mod tests;
