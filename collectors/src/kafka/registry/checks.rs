//! The health checks of a Schema Registry: whether it answers, and whether it takes new schemas.

use brokerscope_contract::{CheckDef, CheckId, CheckResult, EntityKey, Status};

use super::memory::Memory;

const REACHABLE: &str = "schema_registry_reachable";
const MODE: &str = "schema_registry_mode";

pub fn table() -> Vec<CheckDef> {
    vec![
        CheckDef::new(
            REACHABLE,
            "Schema Registry",
            "The Schema Registry answers.",
            "Look at its process and log, and at whether it can be reached from here. Applications keep the schemas that they \
             know for a while; new ones cannot start without it.",
        ),
        CheckDef::new(
            MODE,
            "Mode of the Schema Registry",
            "The registry takes new schemas: its mode is READWRITE.",
            "Set it back with PUT /mode when READONLY or IMPORT was left over from a migration: until then no new version of \
             a schema can be registered.",
        ),
    ]
}

pub fn results(memory: &Memory) -> Vec<CheckResult> {
    let result = |check: &str, status, text, absent| CheckResult {
        entity: EntityKey::cluster(),
        check: CheckId(check.into()),
        status,
        text,
        absent,
    };
    if let Some(failure) = &memory.trouble {
        let text = format!("{failure}. {}", failure.remedy());
        return vec![result(REACHABLE, Status::Critical, text, None)];
    }
    let mut results = Vec::new();
    if let Some(names) = &memory.names {
        let count = match names.len() {
            1 => "1 subject".to_string(),
            n => format!("{n} subjects"),
        };
        results.push(result(REACHABLE, Status::Ok, format!("answers: {count}"), None));
    }
    results.extend(memory.mode.as_ref().map(|mode| match mode {
        Ok(mode) if mode == "READWRITE" => result(MODE, Status::Ok, mode.clone(), None),
        Ok(mode) => result(
            MODE,
            Status::Warning,
            format!("{mode}: new schemas are not taken"),
            None,
        ),
        Err(failure) => result(MODE, Status::Unknown, failure.to_string(), Some(failure.absence())),
    }));
    results
}
