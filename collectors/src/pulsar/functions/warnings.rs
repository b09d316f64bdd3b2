//! What of functions and connectors cannot be shown, and why.

use std::collections::BTreeSet;

use brokerscope_contract::{Absence, Warning};

use super::memory::{Functions, Worker};
use crate::pulsar::failure::Failure;

pub const RIGHTS: &str = "Let the role ask: pulsar-admin namespaces grant-permission TENANT/NAMESPACE --role ROLE --actions \
                          consume,functions,sources,sinks (which replaces the actions that it had), or make it a \
                          super-user.";

pub fn all(functions: &Functions) -> Vec<Warning> {
    let mut warnings = Vec::new();
    if let Worker::Absent(_, failure) = &functions.worker
        && !functions.components.is_empty()
    {
        warnings.push(Warning {
            reason: Absence::Stale,
            metrics: Vec::new(),
            entity: None,
            text: format!("Functions and connectors are shown as they were last. {failure}"),
            remedy: Some("Look into the functions worker's log.".into()),
        });
        return warnings;
    }
    let failures: Vec<_> = functions.failures().collect();
    if let Some((namespace, _, failure)) = failures.first() {
        let kinds: BTreeSet<&str> = failures.iter().map(|(_, kind, _)| kind.plural()).collect();
        let namespaces: BTreeSet<&str> = failures.iter().map(|(namespace, ..)| *namespace).collect();
        let others = match namespaces.len() - 1 {
            0 => String::new(),
            1 => " and 1 more namespace".into(),
            n => format!(" and {n} more namespaces"),
        };
        let kinds: Vec<&str> = kinds.into_iter().collect();
        warnings.push(Warning {
            reason: failure.absence(),
            metrics: Vec::new(),
            entity: None,
            text: format!(
                "Pulsar's own {} of {namespace}{others} are shown only while they are connected. {failure}",
                kinds.join(", ")
            ),
            remedy: Some(remedy(failure).into()),
        });
    }
    warnings
}

pub fn remedy(failure: &Failure) -> &'static str {
    match failure {
        Failure::NotPermitted(_) => RIGHTS,
        other => other.remedy(),
    }
}
