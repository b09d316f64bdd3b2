//! Whether functions and connectors run.

use brokerscope_contract::{Absence, CheckResult, Status};

use super::memory::{Component, Functions, Worker};
use super::wire;
use crate::excerpt::shortened;
use crate::pulsar::checks;

pub fn results(functions: &Functions) -> Vec<CheckResult> {
    let is_gone = matches!(functions.worker, Worker::Absent(..));
    let told = functions.components.iter().filter_map(|((id, _), known)| {
        let key = id.key();
        Some(match known.status.as_ref()? {
            Err(failure) => checks::INSTANCES.unknown(key, failure.absence(), failure.to_string()),
            Ok(_) if is_gone => checks::INSTANCES.unknown(key, Absence::Stale, "the functions worker does not answer"),
            Ok(status) => {
                let (verdict, text) = judged(status, known);
                checks::INSTANCES.result(key, verdict, text)
            }
        })
    });
    told.collect()
}

fn judged(status: &wire::Status, known: &Component) -> (Status, String) {
    let all = status.num_instances;
    let text = format!("{} of {all} instances run", status.num_running);
    if status.num_running >= all && all > 0 {
        return (Status::Ok, text);
    }
    let stands = status.instances.iter().filter(|instance| !instance.status.running);
    let failed = stands.filter_map(|instance| {
        let error = instance.status.error.as_deref().filter(|error| !error.is_empty())?;
        Some((instance, error))
    });
    let Some((instance, error)) = failed.min_by_key(|(instance, _)| instance.instance_id) else {
        let why = "somebody has stopped it, or no worker has taken it up";
        return (Status::Warning, format!("{text}: {why}"));
    };
    // Without its settings nobody knows what in the error is a secret.
    let error = match &known.config {
        Some(config) => shortened(&config.hide(error)),
        None => "its error is left out until its settings are known".into(),
    };
    let restarts = match instance.status.num_restarts {
        None | Some(0) => String::new(),
        Some(1) => ", restarted once".into(),
        Some(n) => format!(", restarted {n} times"),
    };
    let verdict = match status.num_running {
        0 => Status::Critical,
        _ => Status::Warning,
    };
    (
        verdict,
        format!("{text}; instance {}{restarts}: {error}", instance.instance_id),
    )
}
