//! The same requests to this broker and to a real Kafka of one node: both have to answer the same, field by field.
//!
//! Needs Kafka among `BROKERSCOPE_TEST_BROKERS`. What differs on purpose is said with the request that shows it.

mod admin;
mod configs;
mod consumer_groups;
mod groups;
mod logs;
mod pair;
mod text;
mod topics;
