//! The part of cargo-deny's `deny.toml` that is checked here.

use semver::{Version, VersionReq};
use serde::Deserialize;

use super::graph::Crate;
use crate::failure::{Failure, Outcome};

#[derive(Debug, Deserialize)]
pub struct Settings {
    pub graph: Graph,
    pub licenses: Licenses,
    pub bans: Bans,
    pub sources: Sources,
}

#[derive(Debug, Deserialize)]
pub struct Graph {
    pub targets: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub struct Licenses {
    pub allow: Vec<String>,
    #[serde(default)]
    pub exceptions: Vec<Exception>,
}

/// A licence that is fine for one crate.
#[derive(Debug, Deserialize)]
pub struct Exception {
    #[serde(rename = "crate")]
    pub name: String,
    pub allow: Vec<String>,
}

#[derive(Debug, Deserialize)]
pub struct Bans {
    #[serde(default)]
    pub deny: Vec<Entry>,
    #[serde(default)]
    pub skip: Vec<Entry>,
}

/// A crate, or some versions of it, and why.
#[derive(Debug, Deserialize)]
pub struct Entry {
    #[serde(rename = "crate")]
    pub spec: String,
    pub reason: String,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Sources {
    pub allow_registry: Vec<String>,
}

impl Settings {
    pub fn parse(text: &str) -> Outcome<Self> {
        toml::from_str(text).map_err(|error| Failure::new(format!("deny.toml: {error}")))
    }
}

impl Entry {
    /// `name` is every version, `name@1.2.3` that one, `name:1.2` what satisfies the requirement.
    pub fn matches(&self, other: &Crate) -> bool {
        let of_name = |name: &str| name == other.name;
        if let Some((name, version)) = self.spec.split_once('@') {
            return of_name(name) && Version::parse(version).is_ok_and(|version| version == other.version);
        }
        match self.spec.split_once(':') {
            Some((name, versions)) => {
                of_name(name) && VersionReq::parse(versions).is_ok_and(|versions| versions.matches(&other.version))
            }
            None => of_name(&self.spec),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spec_names_all_one_or_some_versions() {
        let crate_ = Crate::new("rand", "0.9.5", "MIT");
        for (spec, expected) in [
            ("rand", true),
            ("rand@0.9.5", true),
            ("rand@0.9.4", false),
            ("rand:0.9", true),
            ("rand:0.8", false),
            ("rand_core:0.9", false),
            ("rand@0.9", false),
        ] {
            let entry = Entry {
                spec: spec.into(),
                reason: String::new(),
            };
            assert_eq!(entry.matches(&crate_), expected, "{spec}");
        }
    }
}
