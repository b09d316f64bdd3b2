//! The broker as real clients see it: rdkafka, kcat, and Kafka's own command-line tools.

mod admin;
mod cluster;
mod faults;
mod groups;
mod hostile;
mod tools;
mod traffic;
