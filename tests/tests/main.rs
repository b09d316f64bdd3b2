//! All tests of the whole product, in one program: `cargo test -p brokerscope-tests`, or one part of them by name.

mod accessibility;
mod api;
mod contrast;
mod demo;
mod disk_full;
mod hostile;
mod journeys;
mod layout;
mod live_aws;
mod live_connect;
mod live_kafka;
mod live_kafka_secure;
mod live_mirror;
mod live_nats;
mod live_nats_joined;
mod live_nats_secure;
mod live_pubsub;
mod live_pulsar;
mod live_pulsar_secure;
mod live_rabbitmq;
mod live_rabbitmq_bridges;
mod live_rabbitmq_joined;
mod live_rabbitmq_secure;
mod live_rabbitmq_streams;
