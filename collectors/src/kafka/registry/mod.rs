//! A Schema Registry beside a cluster: which schemas belong to its topics.
//!
//! A subject belongs to a topic by TopicNameStrategy only: `TOPIC-key` and `TOPIC-value`. Which strategy producers use
//! is nowhere told, so other subjects are counted and joined to nothing.

mod ask;
pub mod checks;
pub mod map;
mod memory;
pub mod probe;
mod wire;

#[cfg(test)]
#[path = "../registry_tests.rs"]
mod tests;

pub use ask::{Answers, SUBJECTS_PER_VISIT, ask};
pub use memory::Memory;

use brokerscope_contract::{Field, FieldKind};

use super::rest::Words;

pub const WORDS: Words = Words {
    name: "a Schema Registry",
    prefix: "schema_registry_",
    example: "http://schemas.example:8081",
    paths: &["/subjects"],
};

/// The settings in form order.
pub fn fields() -> Vec<Field> {
    vec![
        Field::text(
            "schema_registry_urls",
            "Schema Registry addresses",
            "Addresses of a registry that speaks Confluent's API, to show versions and compatibility of schemas at their \
             topics. Of Apicurio give the path too: http://HOST:8080/apis/ccompat/v7. Left empty, none is watched.",
        )
        .of(FieldKind::List)
        .placeholder(WORDS.example)
        .advanced(),
        Field::text(
            "schema_registry_user",
            "Schema Registry user",
            "Only when the registry asks for a login with user and password.",
        )
        .advanced(),
        Field::text(
            "schema_registry_password",
            "Schema Registry password",
            "Stored encrypted and never shown again.",
        )
        .of(FieldKind::Secret)
        .advanced(),
        Field::text(
            "schema_registry_token",
            "Schema Registry token",
            "A bearer token, instead of user and password. Stored encrypted and never shown again.",
        )
        .of(FieldKind::Secret)
        .advanced(),
    ]
}

/// The subject of a topic's keys or values.
pub fn subject(topic: &str, part: Part) -> String {
    match part {
        Part::Key => format!("{topic}-key"),
        Part::Value => format!("{topic}-value"),
    }
}

/// Which part of a message a schema describes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Key,
    Value,
}
