//! Failures in the words of people, with their remedies.

use super::*;

fn said(reason: &str) -> Vec<u8> {
    format!(r#"{{"reason":"{reason}"}}"#).into_bytes()
}

#[test]
fn refusals_are_told_apart() {
    let place = || "p:8080".to_string();
    for (status, body, expected) in [
        (
            401,
            said("HTTP 401 Unauthorized"),
            Failure::Refusal("HTTP 401 Unauthorized".into()),
        ),
        (401, Vec::new(), Failure::Refusal("no valid login was given".into())),
        (
            401,
            b"<html>".to_vec(),
            Failure::Refusal("no valid login was given".into()),
        ),
        (
            401,
            said("Unauthorized to validateNamespaceOperation for operation [GET_TOPICS]"),
            Failure::NotPermitted("Unauthorized to validateNamespaceOperation for operation [GET_TOPICS]".into()),
        ),
        (
            403,
            said("This operation requires super-user access"),
            Failure::NotPermitted("This operation requires super-user access".into()),
        ),
        (
            404,
            said("Topic not found"),
            Failure::Missing(place(), "Topic not found".into()),
        ),
        (404, b"<html>".to_vec(), Failure::Unsupported(place())),
        (503, said("busy."), Failure::Status(place(), 503, ": busy".into())),
        (429, said("Too Many Requests"), Failure::Throttled(place())),
        (500, Vec::new(), Failure::Status(place(), 500, String::new())),
    ] {
        assert_eq!(Failure::of_status(status, &body, "p:8080"), expected, "{status}");
    }
}

#[test]
fn what_is_not_permitted_is_no_failure_of_the_broker() {
    let refused = Failure::Refusal("expired".into());
    assert_eq!(
        (refused.absence(), refused.is_about_the_broker()),
        (Absence::NotPermitted, false)
    );
    let silent = Failure::TimedOut("p:8080".into());
    assert_eq!(
        (silent.absence(), silent.is_about_the_broker()),
        (Absence::Failed, true)
    );
    assert!(matches!(CollectError::from(refused), CollectError::Login { .. }));
}
