//! Whether every crate may be used under a licence that we accept.

use std::collections::BTreeSet;

use spdx::{Expression, Licensee, ParseMode};

use super::graph::Crate;
use super::settings::Licenses;
use crate::failure::{Failure, Outcome};

/// One sentence for every crate and every entry that is not as it should be.
pub fn check(crates: &BTreeSet<Crate>, settings: &Licenses) -> Outcome<Vec<String>> {
    let allowed = parse(&settings.allow)?;
    let mut used = vec![false; allowed.len()];
    let mut problems = Vec::new();
    for crate_ in crates {
        let mut accepted = allowed.clone();
        for exception in settings
            .exceptions
            .iter()
            .filter(|exception| exception.name == crate_.name)
        {
            accepted.extend(parse(&exception.allow)?);
        }
        // LAX: older crates write `MIT/Apache-2.0`.
        let Ok(expression) = Expression::parse_mode(&crate_.licence, ParseMode::LAX) else {
            problems.push(format!(
                "{} {}: no licence, or none that can be read",
                crate_.name, crate_.version
            ));
            continue;
        };
        let accepts = expression.evaluate(|required| {
            let found = accepted.iter().position(|licence| licence.satisfies(required));
            if let Some(used) = found.and_then(|found| used.get_mut(found)) {
                *used = true;
            }
            found.is_some()
        });
        if !accepts {
            problems.push(format!(
                "{} {}: licence {} is not allowed",
                crate_.name, crate_.version, crate_.licence
            ));
        }
    }
    let unused = settings.allow.iter().zip(&used).filter(|(_, used)| !**used);
    problems.extend(unused.map(|(name, _)| format!("deny.toml: no crate has the licence {name}")));
    let needless = settings
        .exceptions
        .iter()
        .filter(|exception| !crates.iter().any(|c| c.name == exception.name));
    problems
        .extend(needless.map(|exception| format!("deny.toml: exception for {}, which is not used", exception.name)));
    Ok(problems)
}

fn parse(names: &[String]) -> Outcome<Vec<Licensee>> {
    let licensee = |name: &String| {
        Licensee::parse(name).map_err(|error| Failure::new(format!("deny.toml: licence {name}: {error}")))
    };
    names.iter().map(licensee).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deny::settings::Exception;

    fn problems(licence: &str) -> Vec<String> {
        let exceptions = vec![Exception {
            name: "odd".into(),
            allow: vec!["MPL-2.0".into()],
        }];
        let settings = Licenses {
            allow: vec!["MIT".into()],
            exceptions,
        };
        let crates = [
            Crate::new("odd", "1.0.0", "MIT AND MPL-2.0"),
            Crate::new("other", "1.0.0", licence),
        ];
        check(&BTreeSet::from(crates), &settings).unwrap()
    }

    #[test]
    fn one_allowed_alternative_is_enough_and_every_part_of_an_and_is_needed() {
        for (licence, fine) in [
            ("MIT", true),
            ("MIT OR GPL-3.0", true),
            ("MIT/GPL-3.0", true),
            ("MIT AND GPL-3.0", false),
            ("GPL-3.0", false),
            ("MPL-2.0", false),
            ("", false),
            ("my own words", false),
        ] {
            assert_eq!(problems(licence).is_empty(), fine, "{licence}");
        }
    }

    #[test]
    fn entries_that_nothing_needs_are_named() {
        let allow = vec!["MIT".into(), "ISC".into()];
        let exceptions = vec![Exception {
            name: "gone".into(),
            allow: vec![],
        }];
        let crates = BTreeSet::from([Crate::new("a", "1.0.0", "MIT")]);
        let problems = check(&crates, &Licenses { allow, exceptions }).unwrap();
        assert_eq!(problems.len(), 2, "{problems:?}");
    }
}
