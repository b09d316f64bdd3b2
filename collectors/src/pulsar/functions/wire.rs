//! What a functions worker answers; the three kinds share most of it. Settings of their own are only kept hidden.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::Kind;
use super::hidden::Hidden;
use crate::pulsar::wire::or_empty;

/// `GET /admin/v3/{functions,sources,sinks}/TENANT/NAMESPACE/NAME`.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Config {
    pub class_name: Option<String>,
    #[serde(deserialize_with = "or_empty")]
    inputs: Vec<String>,
    #[serde(deserialize_with = "or_empty")]
    input_specs: BTreeMap<String, InputSpec>,
    pub topics_pattern: Option<String>,
    /// Where a function writes to.
    output: Option<String>,
    /// Where a source writes to.
    topic_name: Option<String>,
    pub log_topic: Option<String>,
    pub dead_letter_topic: Option<String>,
    /// Through which a function reads.
    sub_name: Option<String>,
    /// Through which a sink reads.
    source_subscription_name: Option<String>,
    pub parallelism: Option<u32>,
    pub runtime: Option<String>,
    pub processing_guarantees: Option<String>,
    archive: Option<String>,
    configs: Hidden,
    user_config: Hidden,
    secrets: Hidden,
    batch_source_config: Hidden,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct InputSpec {
    regex_pattern: bool,
}

impl Config {
    /// Topics that it names; those behind a pattern are known only once it reads them.
    pub fn inputs(&self) -> BTreeSet<&str> {
        let named = self.input_specs.iter().filter(|(_, spec)| !spec.regex_pattern);
        let named = named.map(|(topic, _)| topic.as_str());
        named.chain(self.inputs.iter().map(String::as_str)).collect()
    }

    pub fn patterns(&self) -> BTreeSet<&str> {
        let named = self.input_specs.iter().filter(|(_, spec)| spec.regex_pattern);
        let named = named.map(|(topic, _)| topic.as_str());
        named.chain(self.topics_pattern.as_deref()).collect()
    }

    pub fn output(&self, kind: Kind) -> Option<&str> {
        let topic = match kind {
            Kind::Function => self.output.as_deref(),
            Kind::Source => self.topic_name.as_deref(),
            Kind::Sink => None,
        };
        topic.filter(|topic| !topic.is_empty())
    }

    /// The subscription that it was told to use, instead of the one of its own name.
    pub fn subscription(&self) -> Option<&str> {
        let named = self.sub_name.as_deref().or(self.source_subscription_name.as_deref());
        named.filter(|name| !name.is_empty())
    }

    /// What it is made of: the name of a built-in archive, else the last part of its class.
    pub fn made_of(&self) -> &str {
        let built_in = self
            .archive
            .as_deref()
            .and_then(|archive| archive.strip_prefix("builtin://"));
        let class = self.class_name.as_deref().and_then(|class| class.rsplit('.').next());
        let found = built_in.or(class).filter(|text| !text.is_empty());
        found.unwrap_or("unknown class")
    }

    /// The text without any value of the component's own settings.
    pub fn hide(&self, text: &str) -> String {
        let all = [
            &self.configs,
            &self.user_config,
            &self.secrets,
            &self.batch_source_config,
        ];
        all.into_iter()
            .fold(text.to_string(), |text, hidden| hidden.hide(&text))
    }
}

/// `.../NAME/status`. Counters since the start of each instance are left to Pulsar's metrics.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Status {
    pub num_instances: u32,
    pub num_running: u32,
    #[serde(deserialize_with = "or_empty")]
    pub instances: Vec<Instance>,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Instance {
    pub instance_id: u32,
    pub status: InstanceStatus,
}

#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct InstanceStatus {
    pub running: bool,
    /// Why it does not run; empty where somebody has stopped it.
    pub error: Option<String>,
    pub num_restarts: Option<u64>,
    pub worker_id: Option<String>,
}
