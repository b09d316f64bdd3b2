//! Crates that are not wanted at all, and crates that come in more than one version.

use std::collections::{BTreeMap, BTreeSet};

use super::graph::Crate;
use super::settings::Bans;

/// One sentence for every crate and every entry that is not as it should be.
pub fn check(crates: &BTreeSet<Crate>, bans: &Bans) -> Vec<String> {
    let mut problems = Vec::new();
    for entry in &bans.deny {
        for crate_ in crates.iter().filter(|crate_| entry.matches(crate_)) {
            problems.push(format!(
                "{} {}: not wanted: {}",
                crate_.name, crate_.version, entry.reason
            ));
        }
    }
    let mut versions: BTreeMap<&str, Vec<&Crate>> = BTreeMap::new();
    for crate_ in crates {
        versions.entry(&crate_.name).or_default().push(crate_);
    }
    for (name, versions) in &versions {
        let counted: Vec<_> = versions
            .iter()
            .filter(|crate_| !bans.skip.iter().any(|entry| entry.matches(crate_)))
            .collect();
        if counted.len() > 1 {
            let list: Vec<_> = counted.iter().map(|crate_| crate_.version.to_string()).collect();
            problems.push(format!(
                "{name}: in versions {}; `cargo tree -i {name}@...` says why",
                list.join(", ")
            ));
        }
    }
    for entry in &bans.skip {
        let needed = crates
            .iter()
            .any(|crate_| entry.matches(crate_) && versions.get(crate_.name.as_str()).is_some_and(|all| all.len() > 1));
        if !needed {
            problems.push(format!("deny.toml: skip of {} is not needed any more", entry.spec));
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deny::settings::Entry;

    fn problems(deny: &[&str], skip: &[&str]) -> Vec<String> {
        let entries = |specs: &[&str]| {
            specs
                .iter()
                .map(|spec| Entry {
                    spec: (*spec).into(),
                    reason: "because".into(),
                })
                .collect()
        };
        let crates = [
            Crate::new("rand", "0.9.5", "MIT"),
            Crate::new("rand", "0.10.1", "MIT"),
            Crate::new("syn", "3.0.0", "MIT"),
        ];
        check(
            &BTreeSet::from(crates),
            &Bans {
                deny: entries(deny),
                skip: entries(skip),
            },
        )
    }

    #[test]
    fn a_second_version_needs_an_entry_and_an_entry_needs_a_second_version() {
        assert_eq!(problems(&[], &["rand:0.9"]), Vec::<String>::new());
        assert!(problems(&[], &[])[0].contains("0.9.5, 0.10.1"));
        assert!(problems(&[], &["rand:0.9", "syn:3"])[0].contains("syn:3"));
        assert!(problems(&[], &["rand:0.9", "gone"])[0].contains("gone"));
    }

    #[test]
    fn an_unwanted_crate_is_refused_with_its_reason() {
        assert!(problems(&["syn"], &["rand:0.9"])[0].contains("because"));
    }
}
