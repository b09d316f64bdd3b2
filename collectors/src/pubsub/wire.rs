//! The shapes of Google's answers, as far as they are used. What is missing is empty; what is unknown is skipped.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny};

/// A page of a list: the items, and by which token the next page is asked for.
pub trait Page {
    type Item;
    fn into_parts(self) -> (Vec<Self::Item>, Option<String>);
}

macro_rules! pages {
    ($($page:ident { $field:ident: $item:ty })*) => {$(
        #[derive(Debug, Default, Deserialize)]
        #[serde(default, rename_all = "camelCase")]
        pub struct $page {
            $field: Vec<$item>,
            next_page_token: Option<String>,
        }

        impl Page for $page {
            type Item = $item;
            fn into_parts(self) -> (Vec<$item>, Option<String>) {
                (self.$field, self.next_page_token.filter(|token| !token.is_empty()))
            }
        }
    )*};
}

pages! {
    Topics { topics: Topic }
    Subscriptions { subscriptions: Subscription }
    Snapshots { snapshots: Snapshot }
    AllTimeSeries { time_series: TimeSeries }
}

/// `projects/{project}/topics/{topic}`, and the like.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Topic {
    pub name: String,
    pub labels: BTreeMap<String, String>,
    pub message_storage_policy: Option<StoragePolicy>,
    pub kms_key_name: Option<String>,
    pub schema_settings: Option<SchemaSettings>,
    pub message_retention_duration: Option<String>,
    pub state: Option<String>,
    /// What the topic itself takes in from elsewhere, by kind.
    pub ingestion_data_source_settings: Option<BTreeMap<String, Unread>>,
}

/// Something whose name alone is of interest.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Unread;

impl<'de> Deserialize<'de> for Unread {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Unread, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Unread)
    }
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct StoragePolicy {
    pub allowed_persistence_regions: Vec<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct SchemaSettings {
    pub schema: String,
    pub encoding: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Subscription {
    pub name: String,
    /// `_deleted-topic_` when the topic is gone.
    pub topic: String,
    pub push_config: Option<PushConfig>,
    pub bigquery_config: Option<BigQueryConfig>,
    pub cloud_storage_config: Option<CloudStorageConfig>,
    pub ack_deadline_seconds: Option<f64>,
    pub retain_acked_messages: bool,
    pub message_retention_duration: Option<String>,
    pub labels: BTreeMap<String, String>,
    pub enable_message_ordering: bool,
    pub enable_exactly_once_delivery: bool,
    pub expiration_policy: Option<ExpirationPolicy>,
    pub filter: Option<String>,
    pub dead_letter_policy: Option<DeadLetterPolicy>,
    pub retry_policy: Option<RetryPolicy>,
    pub detached: bool,
    /// `ACTIVE`, or `RESOURCE_ERROR` when what it exports to does not take it.
    pub state: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct PushConfig {
    pub push_endpoint: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct BigQueryConfig {
    /// `project.dataset.table`.
    pub table: Option<String>,
    pub state: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct CloudStorageConfig {
    pub bucket: Option<String>,
    pub state: Option<String>,
}

/// Without a `ttl` it never expires.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct ExpirationPolicy {
    pub ttl: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct DeadLetterPolicy {
    pub dead_letter_topic: String,
    pub max_delivery_attempts: Option<f64>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct RetryPolicy {
    pub minimum_backoff: Option<String>,
    pub maximum_backoff: Option<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Snapshot {
    pub name: String,
    pub topic: String,
    pub expire_time: Option<String>,
}

/// One series of Cloud Monitoring. Its points come newest first.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct TimeSeries {
    pub metric: Labelled,
    pub resource: Labelled,
    pub metric_kind: String,
    pub points: Vec<Point>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Labelled {
    pub labels: BTreeMap<String, String>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Point {
    pub interval: Interval,
    pub value: TypedValue,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Interval {
    pub start_time: Option<String>,
    pub end_time: String,
}

/// One of these is set. Whole numbers of 64 bits are texts in Google's JSON.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct TypedValue {
    pub bool_value: Option<bool>,
    pub int64_value: Option<String>,
    pub double_value: Option<f64>,
    pub distribution_value: Option<Distribution>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Distribution {
    pub count: Option<String>,
    pub mean: f64,
}

impl TypedValue {
    /// A plain number; a truth is 1 or 0. `None` for distributions and for what is no number.
    pub fn number(&self) -> Option<f64> {
        let whole = self.int64_value.as_deref().and_then(|text| text.parse().ok());
        let number = whole.or(self.double_value).or(self.bool_value.map(f64::from));
        number.filter(|value| value.is_finite())
    }

    /// How many entries a distribution has, and their mean. One without entries leaves both out.
    pub fn distribution(&self) -> Option<(f64, f64)> {
        let distribution = self.distribution_value.as_ref()?;
        let count: f64 = match &distribution.count {
            Some(text) => text.parse().ok()?,
            None => 0.0,
        };
        (count.is_finite() && distribution.mean.is_finite()).then_some((count, distribution.mean))
    }
}

/// What Google says when it does not answer, in `{"error": ...}`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Refusal {
    pub error: Status,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Status {
    pub message: String,
    /// `PERMISSION_DENIED` and the like.
    pub status: String,
    pub details: Vec<Detail>,
}

/// A `google.rpc.ErrorInfo`, or something else that is left empty.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Detail {
    /// `SERVICE_DISABLED`, `IAM_PERMISSION_DENIED` and the like.
    pub reason: String,
}

/// What a token endpoint says: a token, or why there is none.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct TokenAnswer {
    pub access_token: Option<String>,
    pub expires_in: Option<i64>,
    pub error: Option<String>,
    pub error_description: Option<String>,
}
