//! What can be measured: the type of a metric's id and of its entry in the metric table.

use std::collections::HashMap;
use std::fmt;
use std::sync::LazyLock;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A metric by its stable name. Only names in [`crate::metrics::all`] can be made from outside text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MetricId(pub(crate) &'static str);

/// Every value that is shown asks what kind of metric it is of: the table is not searched each time.
static BY_NAME: LazyLock<HashMap<&'static str, &'static MetricDef>> =
    LazyLock::new(|| crate::metrics::all().map(|def| (def.id.0, def)).collect());

impl MetricId {
    pub fn name(self) -> &'static str {
        self.0
    }

    /// The metric of this name, if the table has it.
    pub fn parse(name: &str) -> Option<MetricId> {
        BY_NAME.get(name).map(|def| def.id)
    }

    /// This metric's entry in the table. Every id comes from the table, so there always is one.
    pub fn def(self) -> &'static MetricDef {
        BY_NAME.get(self.0).copied().unwrap_or(&crate::metrics::UNKNOWN)
    }
}

impl fmt::Debug for MetricId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl fmt::Display for MetricId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl Serialize for MetricId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.0)
    }
}

impl<'de> Deserialize<'de> for MetricId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<MetricId, D::Error> {
        let name = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        MetricId::parse(&name).ok_or_else(|| de::Error::custom(format!("unknown metric {name:?}")))
    }
}

/// A text; which ones there are, `GET /api/v1/metrics` tells.
#[cfg(not(target_arch = "wasm32"))]
impl schemars::JsonSchema for MetricId {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "MetricId".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "The name of a metric, as listed by `GET /api/v1/metrics`.",
            "type": "string",
        })
    }
}

/// A row of the metric table: the one place where a metric is described.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
pub struct MetricDef {
    pub id: MetricId,
    pub kind: MetricKind,
    /// The unit of the stored value. A counter is shown as this unit per second.
    pub unit: Unit,
    /// Short, sentence case: the title of a chart.
    pub label: &'static str,
    /// One sentence: what exactly is counted.
    pub meaning: &'static str,
    /// Whose it is, of a metric that no other system has.
    pub system: Option<crate::System>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum MetricKind {
    /// A level; drawn as it is.
    Gauge,
    /// Only grows, except that a restart sets it back; stored raw, read as a rate per second.
    Counter,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Unit {
    Messages,
    Bytes,
    Seconds,
    /// A plain number of things: connections, partitions, requests.
    Count,
    /// 0 to 1.
    Ratio,
    /// A position in a log.
    Offset,
}
