//! All tests of the whole product, in one program: `cargo test -p brokerscope-tests`, or one part of them by name.

mod api;
mod contrast;
mod demo;
mod disk_full;
mod hostile;
mod journeys;
mod live_kafka;
mod live_rabbitmq;
