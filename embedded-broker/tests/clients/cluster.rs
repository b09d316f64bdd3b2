//! What every test needs: a broker, clients of it, and patience.

use std::time::{Duration, Instant};

use brokerscope_embedded_broker::{EmbeddedBroker, Options};
use rdkafka::ClientConfig;
use rdkafka::config::FromClientConfig;

/// A broker with small time-outs.
pub fn broker() -> EmbeddedBroker {
    EmbeddedBroker::start(Options::default()).expect("the broker starts")
}

/// A client with these settings beside the servers.
pub fn client<C: FromClientConfig>(broker: &EmbeddedBroker, settings: &[(&str, &str)]) -> C {
    let mut config = ClientConfig::new();
    config.set("bootstrap.servers", broker.bootstrap_servers());
    config.set("reconnect.backoff.max.ms", "200");
    config.set("topic.metadata.refresh.interval.ms", "1000");
    for (name, value) in settings {
        config.set(*name, *value);
    }
    config.create().expect("the client is created")
}

/// Asks again until it is so, or fails with what was asked.
pub fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while !is_so() {
        assert!(Instant::now() < deadline, "not within 30 s: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}
