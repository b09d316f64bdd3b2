//! Answers recorded from real brokers, by version: see `testdata/README.md`.

use serde::de::DeserializeOwned;

use super::inventory::Inventory;
use super::policies::Policies;
use super::wire::Policy;

pub const VERSIONS: [&str; 2] = ["4.3.6", "3.10.8"];

pub fn recorded(version: &str, file: &str) -> String {
    let path = format!("{}/src/rabbitmq/testdata/{version}/{file}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

pub fn read<T: DeserializeOwned>(version: &str, file: &str) -> T {
    serde_json::from_str(&recorded(version, file)).unwrap_or_else(|error| panic!("{version}/{file}: {error}"))
}

/// The virtual host with streams of a recorded broker.
pub fn stream_inventory(version: &str) -> Inventory {
    Inventory {
        vhosts: Vec::new(),
        exchanges: read(version, "streams/exchanges.json"),
        queues: read(version, "streams/queues.json"),
        bindings: read(version, "streams/bindings.json"),
        policies: Policies::default(),
    }
}

/// The inventory of a recorded broker, from the list of queues that is read there.
pub fn inventory(version: &str) -> Inventory {
    let queues = if version.starts_with('3') {
        "queues.json"
    } else {
        "queues-bare.json"
    };
    let mut inventory = Inventory {
        vhosts: read(version, "vhosts.json"),
        exchanges: read(version, "exchanges.json"),
        queues: read(version, queues),
        bindings: read(version, "bindings.json"),
        policies: Policies::new(&read::<Vec<Policy>>(version, "policies.json"), &[]),
    };
    inventory.bindings.retain(|binding| !binding.source.is_empty());
    inventory
}
