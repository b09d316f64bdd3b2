//! What tests of secured brokers share: certificates, the steps of *Test*, and a search for secrets that got out.

use std::path::{Path, PathBuf};

use brokerscope_contract::api::connections::ConnectionView;
use brokerscope_contract::api::path;
use brokerscope_contract::{ProbeStep, StepOutcome};
use serde_json::{Value, json};

use crate::Product;
use crate::brokers::Endpoints;
use crate::patience::eventually;

/// A file of the folder that `cargo xtask brokers` keeps certificates in, such as `ca.pem` or `client.key`.
pub fn pem(endpoints: &Endpoints, file: &str) -> String {
    let folder = endpoints.certificates.as_ref().expect("the broker has certificates");
    let file = folder.join(file);
    std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}

/// The steps of *Test*, in the order in which they ended.
pub async fn probe(product: &Product, system: &str, settings: &Value) -> Vec<ProbeStep> {
    let body = json!({"name": "tested", "system": system, "settings": settings});
    let answer = product.post_text(path::CONNECTION_TEST, &body).await;
    answer
        .lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error} in {line}")))
        .collect()
}

/// The step whose title begins so.
pub fn step<'a>(steps: &'a [ProbeStep], title: &str) -> &'a ProbeStep {
    let found = steps.iter().find(|step| step.title.starts_with(title));
    found.unwrap_or_else(|| panic!("no step {title:?} among {steps:#?}"))
}

/// The titles of steps that did not simply pass, with how they ended; skipped ones follow from another.
pub fn troubled(steps: &[ProbeStep]) -> Vec<(&str, StepOutcome)> {
    let troubled = steps
        .iter()
        .filter(|step| !matches!(step.outcome, StepOutcome::Passed | StepOutcome::Skipped));
    troubled.map(|step| (step.title.as_str(), step.outcome)).collect()
}

/// Exactly this step failed, nothing after it was tried, and detail with remedy hold these words.
pub fn fails_at(what: &str, steps: &[ProbeStep], title: &str, words: &[&str]) {
    let failed = step(steps, title);
    assert_eq!(failed.outcome, StepOutcome::Failed, "{what}: {steps:#?}");
    let said = said(failed).to_lowercase();
    for word in words {
        assert!(said.contains(&word.to_lowercase()), "{what}: no {word:?} in {said:?}");
    }
    assert!(failed.remedy.is_some(), "{what}: {failed:?}");
    let after = steps.iter().skip_while(|step| step.title != failed.title).skip(1);
    for later in after {
        assert_eq!(later.outcome, StepOutcome::Skipped, "{what}: {steps:#?}");
    }
}

/// Every step passed.
pub fn all_pass(what: &str, steps: &[ProbeStep]) {
    assert_eq!(troubled(steps), [], "{what}: {steps:#?}");
    let last = steps.last().expect("a step");
    assert_eq!(last.outcome, StepOutcome::Passed, "{what}: {steps:#?}");
}

/// Detail and remedy.
pub fn said(step: &ProbeStep) -> String {
    format!("{} {}", step.detail, step.remedy.as_deref().unwrap_or_default())
}

/// Adds a connection and returns its path.
pub async fn connect(product: &Product, name: &str, system: &str, settings: &Value) -> String {
    let body = json!({"name": name, "system": system, "settings": settings});
    let created = product.post(path::CONNECTIONS, &body).await;
    format!("{}/{}", path::CONNECTIONS, created["id"])
}

/// The connection at this path once `accept` likes it.
pub async fn view(product: &Product, at: &str, what: &str, accept: impl Fn(&ConnectionView) -> bool) -> ConnectionView {
    eventually(&format!("{at}: {what}"), 60, || async {
        let view: ConnectionView = product.get(at).await;
        accept(&view).then_some(view)
    })
    .await
}

/// What of these secrets can be found in the log, in any answer of the API that shows connections or what they know, or
/// in the data folder, where they are encrypted.
pub async fn leaked(product: &Product, secrets: &[&str]) -> Vec<String> {
    let mut places = vec![("the log".to_string(), product.log().into_bytes())];
    for path in [
        path::OVERVIEW,
        path::CONNECTIONS,
        path::SYSTEMS,
        path::DESTINATIONS,
        path::SUBSCRIPTIONS,
        path::TOPOLOGY,
        path::HEALTH,
        path::ALERTS,
        path::RULES,
        "/metrics",
    ] {
        places.push((path.to_string(), product.get_text(path).await.into_bytes()));
    }
    for file in files(&product.data_dir()) {
        let bytes = std::fs::read(&file).expect("the data folder can be read");
        places.push((file.display().to_string(), bytes));
    }
    let holds = |bytes: &[u8], secret: &str| bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
    let mut found = Vec::new();
    for secret in secrets {
        assert!(secret.len() > 7, "{secret:?} may be found by chance");
        let places = places.iter().filter(|(_, bytes)| holds(bytes, secret));
        found.extend(places.map(|(place, _)| format!("{secret:?} in {place}")));
    }
    found
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).expect("the folder can be listed");
    let paths = entries.map(|entry| entry.expect("an entry").path());
    paths
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] })
        .collect()
}
