//! The settings of topics.

use super::super::super::wire::{ConfigValue, TopicConfig, Trouble};
use super::super::codec::{Read, Reader, Writer};
use super::{Call, check};

/// Some settings of some topics. Any broker answers.
pub struct DescribeTopicConfigs<'a> {
    pub topics: &'a [String],
    /// Names of the settings; Kafka has some thirty per topic.
    pub keep: &'a [&'a str],
}

/// The kind of resource that a topic is.
const TOPIC: i8 = 2;
/// The source of a setting that was made on the topic itself.
const ON_THE_TOPIC: i8 = 1;

impl Call for DescribeTopicConfigs<'_> {
    const KEY: i16 = 32;
    const VERSIONS: (i16, i16) = (1, 4);
    const FLEXIBLE_FROM: i16 = 4;
    type Answer = Vec<(String, Result<TopicConfig, Trouble>)>;

    fn write(&self, version: i16, request: &mut Writer) {
        request.array(self.topics, |request, topic| {
            request.i8(TOPIC);
            request.string(topic);
            request.array(self.keep, |request, name| request.string(name));
            request.end();
        });
        // Neither where else a setting could come from nor what it means.
        request.boolean(false);
        if version >= 3 {
            request.boolean(false);
        }
        request.end();
    }

    fn read(&self, version: i16, answer: &mut Reader<'_>) -> Read<Self::Answer> {
        let _throttled_millis = answer.i32()?;
        let topics = answer.array(|topic| {
            let (code, words) = (topic.i16()?, topic.nullable_string()?);
            let _kind = topic.i8()?;
            let name = topic.string()?;
            let entries = topic.array(|entry| setting(version, entry))?;
            topic.end()?;
            let config = || TopicConfig {
                entries: entries.into_iter().flatten().collect(),
            };
            Ok((name, check(code, words).map(|()| config())))
        })?;
        answer.end()?;
        Ok(topics)
    }
}

/// Nothing for one whose value the broker keeps to itself.
fn setting(version: i16, entry: &mut Reader<'_>) -> Read<Option<(String, ConfigValue)>> {
    let name = entry.string()?;
    let value = entry.nullable_string()?;
    let _read_only = entry.boolean()?;
    let source = entry.i8()?;
    let _sensitive = entry.boolean()?;
    entry.array(|synonym| {
        let _origin = (synonym.string()?, synonym.nullable_string()?, synonym.i8()?);
        synonym.end()
    })?;
    if version >= 3 {
        let _described = (entry.i8()?, entry.nullable_string()?);
    }
    entry.end()?;
    let own = source == ON_THE_TOPIC;
    Ok(value.map(|value| (name, ConfigValue { value, own })))
}
