//! What a Schema Registry answers, as far as it is read.

use serde::Deserialize;

/// `GET /subjects/SUBJECT/versions/latest`, and each element of `GET /schemas?latestOnly=true`. The schema itself is
/// not kept.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Latest {
    pub subject: String,
    pub version: i64,
    /// Left out for Avro, which was there before there were others.
    #[serde(default = "avro", rename = "schemaType")]
    pub kind: String,
}

fn avro() -> String {
    "AVRO".into()
}

/// `GET /config` and `GET /config/SUBJECT`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Compatibility {
    #[serde(rename = "compatibilityLevel")]
    pub level: String,
}

/// `GET /mode`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Mode {
    pub mode: String,
}
