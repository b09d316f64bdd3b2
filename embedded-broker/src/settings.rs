//! The settings of a topic that have a meaning here, with Kafka's names, kinds and defaults.

use std::collections::BTreeMap;

use kafka_protocol::ResponseError;

/// What a value has to look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A number not below this one.
    Number { least: i64 },
    /// One of these words.
    OneOf(&'static [&'static str]),
    /// Any text.
    Text,
}

/// One setting.
#[derive(Debug)]
pub struct Setting {
    pub name: &'static str,
    pub default: &'static str,
    pub shape: Shape,
    /// The number that DescribeConfigs has for its kind: 2 string, 3 int, 5 long, 7 list.
    pub kind: i8,
}

const fn number(name: &'static str, default: &'static str, least: i64, kind: i8) -> Setting {
    Setting {
        name,
        default,
        shape: Shape::Number { least },
        kind,
    }
}

/// All settings of topics. Defaults that follow from the broker's options are filled in when they are shown.
pub const TOPIC: &[Setting] = &[
    Setting {
        name: "cleanup.policy",
        default: "delete",
        shape: Shape::OneOf(&["delete", "compact", "compact,delete", "delete,compact"]),
        kind: 7,
    },
    Setting {
        name: "compression.type",
        default: "producer",
        shape: Shape::OneOf(&["producer", "uncompressed", "gzip", "snappy", "lz4", "zstd"]),
        kind: 2,
    },
    Setting {
        name: "leader.replication.throttled.replicas",
        default: "",
        shape: Shape::Text,
        kind: 7,
    },
    number("max.message.bytes", "1048588", 0, 3),
    Setting {
        name: "message.timestamp.type",
        default: "CreateTime",
        shape: Shape::OneOf(&["CreateTime"]),
        kind: 2,
    },
    number("min.insync.replicas", "1", 1, 3),
    number("retention.bytes", "-1", -1, 5),
    number("retention.ms", "604800000", -1, 5),
    number("segment.bytes", "1073741824", 14, 3),
    number("segment.ms", "604800000", 1, 5),
];

pub fn find(name: &str) -> Option<&'static Setting> {
    TOPIC.iter().find(|setting| setting.name == name)
}

/// Whether a value fits its setting.
pub fn check(name: &str, value: &str) -> Result<(), ResponseError> {
    let setting = find(name).ok_or(ResponseError::InvalidConfig)?;
    let fits = match setting.shape {
        Shape::Number { least } => value.parse::<i64>().is_ok_and(|value| value >= least),
        Shape::OneOf(words) => words.contains(&value),
        Shape::Text => true,
    };
    if fits {
        Ok(())
    } else {
        Err(ResponseError::InvalidConfig)
    }
}

/// All settings, if each of them fits.
pub fn checked(settings: impl Iterator<Item = (String, String)>) -> Result<BTreeMap<String, String>, ResponseError> {
    settings
        .map(|(name, value)| check(&name, &value).map(|()| (name, value)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_fit_their_settings_or_are_refused() {
        for (name, value, fits) in [
            ("retention.ms", "60000", true),
            ("retention.ms", "-1", true),
            ("retention.ms", "-2", false),
            ("retention.ms", "soon", false),
            ("cleanup.policy", "compact", true),
            ("cleanup.policy", "never", false),
            ("retention.minutes", "1", false),
        ] {
            assert_eq!(check(name, value).is_ok(), fits, "{name}={value}");
        }
    }

    #[test]
    fn every_default_fits_its_own_setting() {
        for setting in TOPIC {
            assert!(check(setting.name, setting.default).is_ok(), "{}", setting.name);
        }
    }
}
