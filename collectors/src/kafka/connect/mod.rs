//! Kafka Connect beside a cluster: its connectors, how they do, and what they join.
//!
//! [`ask`] asks, [`memory`] keeps what was told, [`map`], [`mirror`] and [`checks`] make of it what is shown. The settings of
//! connectors hold secrets: [`wire`] reads only those that are named there.

mod ask;
pub mod checks;
pub mod map;
mod memory;
mod mirror;
pub mod probe;
mod trace;
mod wire;

#[cfg(test)]
#[path = "../connect_tests.rs"]
mod tests;

pub use ask::{Answers, ask};
pub use memory::Memory;

use brokerscope_contract::{Field, FieldKind};

use super::rest::Words;

pub const WORDS: Words = Words {
    name: "Kafka Connect",
    prefix: "connect_",
    example: "http://connect-1.example:8083",
    paths: &["/connectors", "/connector-plugins"],
};

/// The settings in form order.
pub fn fields() -> Vec<Field> {
    vec![
        Field::text(
            "connect_urls",
            "Kafka Connect addresses",
            "REST addresses of the workers of one Kafka Connect group, to watch its connectors and tasks. One answers for \
             all; name several so that one may be down. Left empty, Connect is not watched.",
        )
        .of(FieldKind::List)
        .placeholder(WORDS.example)
        .advanced(),
        Field::text(
            "connect_user",
            "Kafka Connect user",
            "Only when the REST interface asks for a login (HTTP basic authentication).",
        )
        .advanced(),
        Field::text(
            "connect_password",
            "Kafka Connect password",
            "Stored encrypted and never shown again.",
        )
        .of(FieldKind::Secret)
        .advanced(),
    ]
}
