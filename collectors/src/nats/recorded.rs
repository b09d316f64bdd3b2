//! Answers recorded from real servers, by version: see `testdata/README.md`.

use serde::de::DeserializeOwned;

pub fn read<T: DeserializeOwned>(version: &str, file: &str) -> T {
    let path = format!("{}/src/nats/testdata/{version}/{file}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"))
}
