//! The settings of a topic that have a meaning here, with Kafka's names, kinds and defaults.

use std::collections::BTreeMap;

/// Values are kept as they are written, and numbers may be written with any number of zeros.
const LONGEST_VALUE: usize = 1024;

/// Why a setting is not taken.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    #[error("there is no setting of topics of the name {0} here")]
    Unknown(String),
    #[error("the value of {0} is longer than {LONGEST_VALUE} bytes")]
    TooLong(&'static str),
    #[error("{name}={value} is not possible here: it has to be {wanted}")]
    Value {
        name: &'static str,
        value: String,
        wanted: String,
    },
}

/// What a value has to look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// A number not below this one.
    Number { least: i64 },
    /// One of these words: those that are done here. What would have no effect is not taken.
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
        shape: Shape::OneOf(&["delete"]),
        kind: 7,
    },
    Setting {
        name: "compression.type",
        default: "producer",
        shape: Shape::OneOf(&["producer"]),
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
pub fn check(name: &str, value: &str) -> Result<(), Unfit> {
    let setting = find(name).ok_or_else(|| Unfit::Unknown(name.chars().take(100).collect()))?;
    if value.len() > LONGEST_VALUE {
        return Err(Unfit::TooLong(setting.name));
    }
    let (fits, wanted) = match setting.shape {
        Shape::Number { least } => (
            value.parse::<i64>().is_ok_and(|value| value >= least),
            format!("a number from {least}"),
        ),
        Shape::OneOf(words) => (words.contains(&value), words.join(" or ")),
        Shape::Text => (true, String::new()),
    };
    if fits {
        return Ok(());
    }
    Err(Unfit::Value {
        name: setting.name,
        value: value.to_owned(),
        wanted,
    })
}

/// All settings, if each of them fits.
pub fn checked(settings: impl Iterator<Item = (String, String)>) -> Result<BTreeMap<String, String>, Unfit> {
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
            ("cleanup.policy", "delete", true),
            ("cleanup.policy", "compact", false),
            ("compression.type", "gzip", false),
            ("retention.ms", &format!("{}60000", "0".repeat(LONGEST_VALUE)), false),
            (
                "leader.replication.throttled.replicas",
                &"1".repeat(LONGEST_VALUE + 1),
                false,
            ),
            ("retention.minutes", "1", false),
        ] {
            assert_eq!(check(name, value).is_ok(), fits, "{name}={value}");
        }
    }

    #[test]
    fn who_is_refused_is_told_what_would_do() {
        let why = |name, value| check(name, value).unwrap_err().to_string();
        assert_eq!(
            why("cleanup.policy", "compact"),
            "cleanup.policy=compact is not possible here: it has to be delete"
        );
        assert!(why("retention.ms", "soon").ends_with("a number from -1"));
        assert!(why("retention.minutes", "1").contains("retention.minutes"));
    }

    #[test]
    fn every_default_fits_its_own_setting() {
        for setting in TOPIC {
            assert!(check(setting.name, setting.default).is_ok(), "{}", setting.name);
        }
    }
}
