//! Settings of topics and brokers.

use kafka_protocol::messages::alter_configs_request::{AlterConfigsResource, AlterableConfig};
use kafka_protocol::messages::describe_configs_request::DescribeConfigsResource;
use kafka_protocol::messages::incremental_alter_configs_request as incremental;
use kafka_protocol::messages::{AlterConfigsRequest, DescribeConfigsRequest, IncrementalAlterConfigsRequest};

use super::pair::Pair;
use crate::raw::text;

const TOPIC: i8 = 2;
const BROKER: i8 = 4;

fn describe(kind: i8, name: &str, keys: &[&str]) -> DescribeConfigsRequest {
    let asked = DescribeConfigsResource::default()
        .with_resource_type(kind)
        .with_resource_name(text(name))
        .with_configuration_keys(Some(keys.iter().map(|key| text(key)).collect()));
    DescribeConfigsRequest::default().with_resources(vec![asked])
}

fn alter(kind: i8, name: &str, settings: &[(&str, &str)]) -> AlterConfigsRequest {
    let setting = |(name, value): &(&str, &str)| {
        AlterableConfig::default()
            .with_name(text(name))
            .with_value(Some(text(value)))
    };
    let asked = AlterConfigsResource::default()
        .with_resource_type(kind)
        .with_resource_name(text(name))
        .with_configs(settings.iter().map(setting).collect());
    AlterConfigsRequest::default().with_resources(vec![asked])
}

/// 0 sets, 1 deletes, 2 appends, 3 subtracts.
fn change(kind: i8, name: &str, operation: i8, setting: (&str, Option<&str>)) -> IncrementalAlterConfigsRequest {
    let changed = incremental::AlterableConfig::default()
        .with_name(text(setting.0))
        .with_config_operation(operation)
        .with_value(setting.1.map(text));
    let asked = incremental::AlterConfigsResource::default()
        .with_resource_type(kind)
        .with_resource_name(text(name))
        .with_configs(vec![changed]);
    IncrementalAlterConfigsRequest::default().with_resources(vec![asked])
}

#[test]
fn settings_of_topics_are_described() {
    let Some(mut pair) = Pair::start() else { return };
    let (topic, unknown) = (pair.topic("settings", 1), pair.name("unknown"));
    // What each broker starts with is its own, and where it has that from.
    let own = ["value", "synonyms", "documentation", "config_source"];
    let keys = [
        "cleanup.policy",
        "compression.type",
        "max.message.bytes",
        "min.insync.replicas",
        "retention.bytes",
        "retention.ms",
    ];
    for key in keys {
        pair.same_but(key, &own, |_, _| describe(TOPIC, &topic, &[key]));
    }
    pair.same("one that does not exist", |_, _| {
        describe(TOPIC, &topic, &["retention"])
    });
    pair.same("of an unknown topic", |_, _| {
        describe(TOPIC, &unknown, &["retention.ms"])
    });
    pair.same("of a topic whose name cannot be", |_, _| {
        describe(TOPIC, "a b", &["retention.ms"])
    });
    pair.same("of another node", |_, _| describe(BROKER, "9", &["num.partitions"]));
    pair.same("of a node that is no number", |_, _| {
        describe(BROKER, "one", &["num.partitions"])
    });
    pair.same("of something else", |_, _| describe(77, "one", &["num.partitions"]));
    for key in ["num.partitions", "default.replication.factor"] {
        pair.same_but(key, &own, |_, _| describe(BROKER, "1", &[key]));
    }
    pair.end();
}

#[test]
fn settings_of_topics_are_changed() {
    let Some(mut pair) = Pair::start() else { return };
    let (topic, unknown) = (pair.topic("settings", 1), pair.name("unknown"));
    let own = ["synonyms", "documentation"];
    pair.same("one", |_, _| change(TOPIC, &topic, 0, ("retention.ms", Some("60000"))));
    pair.same_but("then", &own, |_, _| describe(TOPIC, &topic, &["retention.ms"]));
    pair.same("with its synonyms", |_, _| {
        describe(TOPIC, &topic, &["retention.ms"]).with_include_synonyms(true)
    });
    pair.same("one that does not exist", |_, _| {
        change(TOPIC, &topic, 0, ("retention", Some("1")))
    });
    pair.same("to what cannot be", |_, _| {
        change(TOPIC, &topic, 0, ("retention.ms", Some("soon")))
    });
    pair.same("to less than may be", |_, _| {
        change(TOPIC, &topic, 0, ("retention.ms", Some("-5")))
    });
    pair.same("to nothing", |_, _| change(TOPIC, &topic, 0, ("retention.ms", None)));
    pair.same("what is no list is appended to", |_, _| {
        change(TOPIC, &topic, 2, ("retention.ms", Some("1")))
    });
    pair.same("of an unknown topic", |_, _| {
        change(TOPIC, &unknown, 0, ("retention.ms", Some("1")))
    });
    pair.same("only checked", |_, _| {
        change(TOPIC, &topic, 0, ("retention.ms", Some("70000"))).with_validate_only(true)
    });
    pair.same_but("as it was", &own, |_, _| describe(TOPIC, &topic, &["retention.ms"]));
    pair.same("back to the broker's", |_, _| {
        change(TOPIC, &topic, 1, ("retention.ms", None))
    });
    pair.same_but(
        "then",
        &["value", "synonyms", "documentation", "config_source"],
        |_, _| describe(TOPIC, &topic, &["retention.ms"]),
    );
    pair.same("all at once", |_, _| alter(TOPIC, &topic, &[("retention.ms", "80000")]));
    pair.same("and others in their place", |_, _| {
        alter(TOPIC, &topic, &[("retention.bytes", "100000")])
    });
    pair.same("of an unknown topic, all at once", |_, _| {
        alter(TOPIC, &unknown, &[("retention.ms", "1")])
    });
    pair.same("to what cannot be, all at once", |_, _| {
        alter(TOPIC, &topic, &[("retention.ms", "soon")])
    });
    pair.same("of something else", |_, _| alter(77, "one", &[("retention.ms", "1")]));
    pair.end();
}
