//! From a request to what is stored: pure, so that every refusal can be tested without a database.

use brokerscope_collectors::Factory;
use brokerscope_contract::api::connections::ConnectionRequest;
use brokerscope_contract::{Field, FieldProblem, Settings};
use serde_json::Value;

use super::error::ConnectionError;
use crate::settings::Secrets;
use crate::{names, settings};

/// A checked request.
pub struct Accepted {
    pub name: String,
    /// Without the secrets.
    pub settings: Settings,
    pub secrets: Secrets,
}

/// Checks a request. `kept` are the stored secrets that the request may leave out.
pub fn accept(factory: &dyn Factory, request: &ConnectionRequest, kept: &Secrets) -> Result<Accepted, ConnectionError> {
    let mut problems = Vec::new();
    let name = names::name(&request.name).map_err(|(detail, remedy)| {
        problems.push(FieldProblem::new("name", detail, remedy));
    });
    let checked = settings::check(factory, &completed(factory, &request.settings, kept)).map_err(|found| {
        problems.extend(found.into_iter().map(in_settings));
    });
    match (name, checked) {
        (Ok(name), Ok(mut settings)) => {
            let secrets = settings::split_secrets(&factory.fields(), &mut settings);
            Ok(Accepted {
                name,
                settings,
                secrets,
            })
        }
        _ => Err(ConnectionError::Invalid(problems)),
    }
}

/// The settings to try out, secrets included. A name is not needed for that.
pub fn complete(
    factory: &dyn Factory,
    request: &ConnectionRequest,
    kept: &Secrets,
) -> Result<Settings, ConnectionError> {
    settings::check(factory, &completed(factory, &request.settings, kept))
        .map_err(|problems| ConnectionError::Invalid(problems.into_iter().map(in_settings).collect()))
}

/// Stored secrets that cannot be opened are lost by a change that says nothing of secrets, and with them the way back
/// to the key that opens them.
pub fn check_locked(factory: &dyn Factory, request: &ConnectionRequest) -> Result<(), ConnectionError> {
    let mut secret = factory.fields();
    secret.retain(|field| field.kind.is_secret());
    if secret.iter().any(|field| request.settings.contains_key(&field.key)) {
        return Ok(());
    }
    let problem = |field: &Field| {
        in_settings(FieldProblem::new(
            &field.key,
            "may be stored, and cannot be read with the secret key that this server has now",
            "Start it with the key that it was stored with, or enter it again; an empty one removes it.",
        ))
    };
    Err(ConnectionError::Invalid(
        secret.first().map(problem).into_iter().collect(),
    ))
}

/// Secrets that were left out keep their value. An empty one is there, and removes it.
fn completed(factory: &dyn Factory, given: &Settings, kept: &Secrets) -> Settings {
    let mut settings = given.clone();
    for field in factory.fields() {
        if let Some(secret) = kept.get(&field.key).filter(|_| field.kind.is_secret()) {
            settings
                .entry(field.key)
                .or_insert_with(|| Value::String(secret.clone()));
        }
    }
    settings
}

fn in_settings(mut problem: FieldProblem) -> FieldProblem {
    problem.field = format!("settings.{}", problem.field);
    problem
}
