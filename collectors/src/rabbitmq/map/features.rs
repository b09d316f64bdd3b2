//! Feature flags that are not enabled and deprecated features that are in use, as notes on the cluster's health.

use brokerscope_contract::{CheckResult, EntityKey, Status};

use crate::rabbitmq::checks;
use crate::rabbitmq::wire::Feature;

/// More names than this are a number.
const MOST_NAMES: usize = 4;

/// Experimental ones are off on purpose.
pub fn flags(flags: &[Feature]) -> CheckResult {
    let is_stable = |flag: &&Feature| flag.stability.as_deref() != Some("experimental");
    let off: Vec<&str> = flags
        .iter()
        .filter(is_stable)
        .filter(|flag| flag.state.as_deref() != Some("enabled"))
        .map(|flag| flag.name.as_str())
        .collect();
    let (status, text) = match off.as_slice() {
        [] => (
            Status::Ok,
            format!("all {} stable ones are enabled", flags.iter().filter(is_stable).count()),
        ),
        off => (
            Status::Warning,
            format!(
                "not enabled: {}; a later version will not start without them",
                names(off)
            ),
        ),
    };
    checks::FEATURE_FLAGS.result(EntityKey::cluster(), status, text)
}

/// What is only announced to go is a note; what the broker refuses unless it is told otherwise goes with the next
/// version.
pub fn deprecated(used: &[Feature]) -> CheckResult {
    let phase = |feature: &&Feature, announced: bool| {
        (feature.deprecation_phase.as_deref() == Some("permitted_by_default")) == announced
    };
    let of = |announced| {
        let found = used.iter().filter(|feature| phase(feature, announced));
        found.map(|feature| feature.name.as_str()).collect::<Vec<_>>()
    };
    let (going, announced) = (of(false), of(true));
    let note = match announced.as_slice() {
        [] => String::new(),
        announced => format!("in use and announced to be removed: {}", names(announced)),
    };
    let (status, text) = match (going.as_slice(), note.is_empty()) {
        ([], true) => (Status::Ok, "none is in use".into()),
        ([], false) => (Status::Ok, note),
        (going, true) => (Status::Warning, soon(going)),
        (going, false) => (Status::Warning, format!("{}; {note}", soon(going))),
    };
    checks::DEPRECATED_FEATURES.result(EntityKey::cluster(), status, text)
}

fn soon(going: &[&str]) -> String {
    format!(
        "in use, and refused by default already or soon to be removed: {}",
        names(going)
    )
}

fn names(names: &[&str]) -> String {
    match names.get(MOST_NAMES..).map_or(0, <[_]>::len) {
        0 => names.join(", "),
        more => format!("{} and {more} more", names[..MOST_NAMES].join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::rabbitmq::recorded::{VERSIONS, read};

    fn features(value: serde_json::Value) -> Vec<Feature> {
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn flags_of_new_brokers_are_all_enabled() {
        for version in VERSIONS {
            let result = flags(&read::<Vec<Feature>>(version, "bridges/feature-flags.json"));
            assert_eq!(result.status, Status::Ok, "{version}: {}", result.text);
        }
    }

    #[test]
    fn a_stable_flag_that_is_off_is_named_and_an_experimental_one_is_not() {
        let some = json!([{"name": "a", "state": "enabled", "stability": "stable"},
            {"name": "b", "state": "disabled", "stability": "stable"},
            {"name": "c", "state": "disabled", "stability": "experimental"},
            {"name": "d", "state": "unavailable", "stability": "required"}]);
        let result = flags(&features(some));
        assert_eq!(result.status, Status::Warning);
        assert!(result.text.starts_with("not enabled: b, d;"), "{}", result.text);
    }

    #[test]
    fn deprecated_features_warn_once_the_broker_refuses_them() {
        let real = deprecated(&read::<Vec<Feature>>("4.3.6", "bridges/deprecated-used.json"));
        assert_eq!(real.status, Status::Ok);
        assert!(real.text.contains("transient_nonexcl_queues"), "{}", real.text);
        let both = json!([{"name": "old", "deprecation_phase": "denied_by_default"},
            {"name": "older", "deprecation_phase": "permitted_by_default"}]);
        let result = deprecated(&features(both));
        assert_eq!(result.status, Status::Warning);
        assert!(
            result.text.contains("old; in use and announced to be removed: older"),
            "{}",
            result.text
        );
        assert_eq!(deprecated(&[]).text, "none is in use");
    }

    #[test]
    fn many_names_are_counted() {
        let many: Vec<_> = (0..9)
            .map(|n| json!({"name": format!("f{n}"), "state": "disabled", "stability": "stable"}))
            .collect();
        let text = flags(&features(json!(many))).text;
        assert!(text.contains("f3 and 5 more"), "{text}");
    }
}
