//! The broker as real clients see it: rdkafka, kcat, and Kafka's own command-line tools.

mod cluster;
mod groups;
mod traffic;
