//! The whole public API in one list, so that a change of it is seen in review.

use std::collections::BTreeSet;

use serde_json::Value;

use super::document::document;
use super::operations::operations;

#[test]
fn this_is_the_whole_api() {
    let lines: Vec<String> = operations()
        .iter()
        .map(|one| format!("{} {}", one.method, one.full_path()))
        .collect();
    assert_eq!(
        lines,
        [
            "get /api/v1/overview",
            "get /api/v1/systems",
            "get /api/v1/metrics",
            "get /api/v1/connections",
            "post /api/v1/connections",
            "get /api/v1/connections/{id}",
            "put /api/v1/connections/{id}",
            "patch /api/v1/connections/{id}",
            "delete /api/v1/connections/{id}",
            "post /api/v1/connections/test",
            "get /api/v1/destinations",
            "get /api/v1/subscriptions",
            "get /api/v1/entities/{id}",
            "get /api/v1/series",
            "get /api/v1/topology",
            "get /api/v1/health",
            "get /api/v1/rules",
            "post /api/v1/rules",
            "put /api/v1/rules/{id}",
            "delete /api/v1/rules/{id}",
            "post /api/v1/rules/preview",
            "get /api/v1/alerts",
            "get /api/v1/alerts/{id}/chart.png",
            "get /api/v1/webhook",
            "put /api/v1/webhook",
            "post /api/v1/webhook/test",
            "get /api/v1/demo",
            "post /api/v1/demo",
            "delete /api/v1/demo",
            "put /api/v1/demo/faults/{slug}",
            "post /api/v1/demo/reset",
            "get /api/v1/events",
        ]
    );
}

#[test]
fn every_path_of_the_contract_is_described() {
    let contract = include_str!("../../../../contract/src/api/mod.rs");
    let constants = contract
        .lines()
        .filter_map(|line| line.trim().strip_prefix("pub const "));
    let paths: BTreeSet<&str> = constants.filter_map(|line| line.split('"').nth(1)).collect();
    let described: BTreeSet<&str> = operations().iter().map(|one| one.path).collect();
    assert!(paths.len() > 10);
    assert_eq!(paths, described);
}

#[test]
fn every_reference_of_the_document_leads_somewhere() {
    let document = document();
    let mut references = Vec::new();
    collect(&document, &mut references);
    assert!(references.len() > 100, "{} references", references.len());
    for reference in references {
        let pointer = reference
            .strip_prefix('#')
            .expect("references stay inside the document");
        assert!(document.pointer(pointer).is_some(), "{reference}");
    }
    assert_eq!(
        document["paths"]["/api/v1/series"]["get"]["parameters"][0]["name"],
        "entity"
    );
}

fn collect<'v>(value: &'v Value, references: &mut Vec<&'v str>) {
    match value {
        Value::Object(entries) => {
            references.extend(entries.get("$ref").and_then(Value::as_str));
            entries.values().for_each(|value| collect(value, references));
        }
        Value::Array(items) => items.iter().for_each(|value| collect(value, references)),
        _ => {}
    }
}
