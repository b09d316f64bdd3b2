//! Failures in the words of people, with their remedies.

use super::*;

fn said(reason: &str) -> Vec<u8> {
    format!(r#"{{"reason":"{reason}"}}"#).into_bytes()
}

fn refused(said: Option<&str>) -> Failure {
    Failure::Refusal(Refused {
        why: Why::Unknown,
        said: said.map(str::to_owned),
    })
}

#[test]
fn refusals_are_told_apart() {
    let place = || "p:8080".to_string();
    for (status, body, expected) in [
        (
            401,
            said("HTTP 401 Unauthorized"),
            refused(Some("HTTP 401 Unauthorized")),
        ),
        (401, Vec::new(), refused(None)),
        (401, b"<html>".to_vec(), refused(None)),
        (
            401,
            said("Unauthorized to validateNamespaceOperation for operation [GET_TOPICS]"),
            Failure::NotPermitted("Unauthorized to validateNamespaceOperation for operation [GET_TOPICS]".into()),
        ),
        (
            401,
            said("Client is not authorized to perform operation"),
            Failure::NotPermitted("Client is not authorized to perform operation".into()),
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
    let expired = refused(Some("expired"));
    assert_eq!(
        (expired.absence(), expired.is_about_the_broker()),
        (Absence::NotPermitted, false)
    );
    let silent = Failure::TimedOut("p:8080".into());
    assert_eq!(
        (silent.absence(), silent.is_about_the_broker()),
        (Absence::Failed, true)
    );
    assert!(matches!(CollectError::from(expired), CollectError::Login { .. }));
}
