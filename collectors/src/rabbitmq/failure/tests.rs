//! Failures in the words of people, with their remedies.

use super::*;

#[test]
fn refusals_are_told_apart_by_what_the_broker_says() {
    let not_authorised = |reason: &str| format!(r#"{{"error":"not_authorised","reason":"{reason}"}}"#).into_bytes();
    for (status, body, expected) in [
        (401, not_authorised("Not management user"), Failure::NoTag),
        (401, not_authorised("Login failed"), Failure::WrongLogin),
        (401, not_authorised("Not_Authorized"), Failure::WrongLogin),
        (401, Vec::new(), Failure::WrongLogin),
        (
            401,
            not_authorised("User can only log in via localhost"),
            Failure::LoopbackOnly,
        ),
        (
            401,
            not_authorised("Not monitor user"),
            Failure::NotPermitted("Not monitor user".into()),
        ),
        (403, b"<html>".to_vec(), Failure::NotPermitted("status 403".into())),
        (404, not_authorised("Not Found"), Failure::Unsupported("r:15672".into())),
        (
            302,
            Vec::new(),
            Failure::Redirected("r:15672".into(), "https://r".into()),
        ),
        (
            500,
            b"oops".to_vec(),
            Failure::Status("r:15672".into(), 500, String::new()),
        ),
        (
            503,
            not_authorised("busy"),
            Failure::Status("r:15672".into(), 503, ": busy".into()),
        ),
    ] {
        assert_eq!(
            Failure::of_status(status, &body, "r:15672", Some("https://r")),
            expected
        );
    }
}

#[test]
fn every_failure_has_a_sentence_and_a_remedy() {
    for failure in [
        Failure::Lookup("r".into()),
        Failure::WrongLogin,
        Failure::NoTag,
        Failure::Status("r".into(), 500, String::new()),
    ] {
        assert!(
            failure.to_string().ends_with('.') && failure.remedy().ends_with('.'),
            "{failure}"
        );
    }
}
