//! All tests of the whole product, in one program: `cargo test -p brokerscope-tests`, or one part of them by name.

mod api;
mod contrast;
mod demo;
mod hostile;
mod journeys;
mod live_kafka;
mod live_rabbitmq;
