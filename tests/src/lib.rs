//! What the tests of the whole product stand on: the product as a process, real brokers, a real browser.

pub mod aws;
pub mod brokers;
pub mod browser;
pub mod connect;
pub mod graph;
pub mod kafka;
pub mod measure;
pub mod nats;
pub mod nats_leaf;
pub mod paint;
pub mod patience;
pub mod product;
pub mod pubsub_fake;
pub mod pulsar;
pub mod rabbitmq;
pub mod rabbitmq_streams;
pub mod rabbitmq_vhost;
pub mod scene;
pub mod secure;

pub use browser::Browser;
pub use product::Product;
