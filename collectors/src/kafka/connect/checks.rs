//! The health checks of Kafka Connect: whether it answers, and what each connector and its tasks are doing.

use brokerscope_contract::{Absence, CheckDef, CheckId, CheckResult, EntityKey, Status};

use super::map::key;
use super::memory::Memory;
use super::trace::first_line;
use super::wire::{Connector, Direction, State, Task};
use crate::excerpt::shortened;

const REACHABLE: &str = "connect_reachable";
const CONNECTOR: &str = "connector_state";
const TASKS: &str = "connector_tasks";

pub fn table() -> Vec<CheckDef> {
    vec![
        CheckDef::new(
            REACHABLE,
            "Kafka Connect",
            "Every address of Kafka Connect that is configured answers, and belongs to this cluster.",
            "Look at the workers' processes and logs, and at whether their REST interface can be reached from here. Without \
             a worker nothing is copied; Kafka itself goes on.",
        ),
        CheckDef::new(
            CONNECTOR,
            "Connector",
            "The connector itself runs: it has a worker, and hands out tasks.",
            "FAILED: read its error, correct the settings or what it connects to, then POST /connectors/NAME/restart. PAUSED \
             and STOPPED were asked for by somebody and last until PUT /connectors/NAME/resume. UNASSIGNED and RESTARTING \
             should pass; if they stay, look at the workers' logs.",
        ),
        CheckDef::new(
            TASKS,
            "Tasks of the connector",
            "Every task of the connector runs, so that everything is copied.",
            "A failed task stays failed and its share is not copied: read its error, remove the cause, then POST \
             /connectors/NAME/restart?includeTasks=true&onlyFailed=true. With errors.tolerance=all and a dead-letter topic a \
             sink goes on past messages that it cannot handle.",
        ),
    ]
}

/// `cluster` is the id of the watched cluster, where it is known.
pub fn results(memory: &Memory, cluster: Option<&str>) -> Vec<CheckResult> {
    let mut results = Vec::new();
    results.extend(reachable(memory, cluster));
    let stale = memory.trouble.is_some();
    // Between two questions to Kafka Connect they stand as they are.
    let asked = memory.connectors.iter().filter(|_| memory.asked).flatten();
    for (name, connector) in asked {
        let both = [
            (CONNECTOR, connector_state(&connector.status.connector)),
            (TASKS, task_states(connector)),
        ];
        results.extend(both.map(|(check, (status, text))| CheckResult {
            entity: key(name),
            check: CheckId(check.into()),
            // What it was doing is not what it is doing.
            status: if stale { Status::Unknown } else { status },
            text: match stale {
                true => format!("last told, before Kafka Connect stopped answering: {text}"),
                false => text,
            },
            absent: stale.then_some(Absence::Stale),
        }));
    }
    results
}

fn reachable(memory: &Memory, cluster: Option<&str>) -> Option<CheckResult> {
    let result = |status, text| {
        Some(CheckResult {
            entity: EntityKey::cluster(),
            check: CheckId(REACHABLE.into()),
            status,
            text,
            absent: None,
        })
    };
    if let Some(failure) = &memory.trouble {
        return result(Status::Critical, format!("{failure}. {}", failure.remedy()));
    }
    // Not asked yet.
    let connectors = memory.connectors.as_ref()?;
    if let Some((worker, cluster)) = memory.worker().zip(cluster)
        && worker.kafka_cluster_id != cluster
    {
        let text = format!(
            "it works on the cluster {}, and this one is {cluster}: its connectors are not joined to these topics",
            worker.kafka_cluster_id
        );
        return result(Status::Warning, text);
    }
    let all = memory.workers.len();
    let silent: Vec<String> = memory
        .workers
        .iter()
        .filter_map(|(_, answer)| Some(answer.as_ref().err()?.to_string()))
        .collect();
    let version = memory.worker().map(|worker| format!("version {}, ", worker.version));
    let count = match connectors.len() {
        1 => "1 connector".to_string(),
        n => format!("{n} connectors"),
    };
    match silent.len() {
        0 => result(
            Status::Ok,
            format!(
                "{}{count}, {all} of {all} addresses answer",
                version.unwrap_or_default()
            ),
        ),
        n => result(
            Status::Warning,
            format!("{} of {all} addresses answer: {}", all - n, silent.join("; ")),
        ),
    }
}

fn connector_state(state: &State) -> (Status, String) {
    (status_of(&state.state), said(state))
}

fn status_of(state: &str) -> Status {
    match state {
        "RUNNING" => Status::Ok,
        "FAILED" => Status::Critical,
        // PAUSED, STOPPED, UNASSIGNED, RESTARTING, DESTROYED, and whatever comes with later versions.
        _ => Status::Warning,
    }
}

fn task_states(connector: &Connector) -> (Status, String) {
    let tasks = &connector.status.tasks;
    let state = connector.status.connector.state.as_str();
    if tasks.is_empty() {
        return match (state, connector.info.direction) {
            ("RUNNING", Direction::Source) => (Status::Ok, "it has no task: it sees nothing to copy".into()),
            ("RUNNING", _) => (Status::Warning, "it has no task: nothing is copied".into()),
            _ => (Status::Warning, format!("it has no task while it is {state}")),
        };
    }
    let failed: Vec<&Task> = tasks.iter().filter(|task| task.state.state == "FAILED").collect();
    let all = tasks.len();
    if let Some(first) = failed.first() {
        let text = format!(
            "{} of {all} failed; task {} {}",
            failed.len(),
            first.id,
            said(&first.state)
        );
        return (Status::Critical, text);
    }
    let others: Vec<String> = tasks
        .iter()
        .filter(|task| task.state.state != "RUNNING")
        .map(|task| format!("task {} is {}", task.id, task.state.state))
        .collect();
    match others.len() {
        0 => (Status::Ok, format!("{all} of {all} run")),
        n => (
            Status::Warning,
            format!("{} of {all} run: {}", all - n, shortened(&others.join(", "))),
        ),
    }
}

/// "FAILED on 10.0.0.7:8083: org.apache.kafka.connect.errors.ConnectException: ...".
fn said(state: &State) -> String {
    let mut text = state.state.clone();
    if !state.worker_id.is_empty() {
        text = format!("{text} on {}", state.worker_id);
    }
    match state.trace.as_deref().and_then(first_line) {
        Some(line) => format!("{text}: {line}"),
        None => text,
    }
}
