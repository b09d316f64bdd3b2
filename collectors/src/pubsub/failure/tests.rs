//! What refusals of Google mean.

use super::*;

const TOPICS: Asked<'static> = Asked {
    project: "shop",
    permission: "pubsub.topics.list",
};
const NUMBERS: Asked<'static> = Asked {
    project: "shop",
    permission: "monitoring.timeSeries.list",
};

fn refusal(status: &str, message: &str, reason: &str) -> Vec<u8> {
    let error = serde_json::json!({"error": {"code": 0, "status": status, "message": message,
        "details": [{"@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": reason, "domain": "googleapis.com"}]}});
    error.to_string().into_bytes()
}

#[test]
fn refusals_are_told_apart() {
    let cases = [
        (
            401,
            refusal("UNAUTHENTICATED", "x", ""),
            Absence::NotPermitted,
            "does not accept the login",
        ),
        (
            403,
            refusal("PERMISSION_DENIED", "x", "IAM_PERMISSION_DENIED"),
            Absence::NotPermitted,
            "lacks the permission pubsub.topics.list on the project shop",
        ),
        (
            403,
            refusal("PERMISSION_DENIED", "x", "SERVICE_DISABLED"),
            Absence::Disabled,
            "The API pubsub.googleapis.com is not enabled",
        ),
        (
            403,
            refusal("PERMISSION_DENIED", "x", "ACCESS_TOKEN_SCOPE_INSUFFICIENT"),
            Absence::NotPermitted,
            "access scopes",
        ),
        (
            429,
            refusal("RESOURCE_EXHAUSTED", "x", "RATE_LIMIT_EXCEEDED"),
            Absence::Stale,
            "quota",
        ),
        (
            403,
            refusal("PERMISSION_DENIED", "x", "RATE_LIMIT_EXCEEDED"),
            Absence::Stale,
            "quota",
        ),
        (
            404,
            refusal("NOT_FOUND", "Requested project not found", ""),
            Absence::NotPermitted,
            "no project shop",
        ),
        (
            404,
            b"<html>".to_vec(),
            Absence::NotSupported,
            "does not know this question",
        ),
        (
            400,
            refusal("INVALID_ARGUMENT", "The page token is invalid.", ""),
            Absence::Failed,
            "several pages",
        ),
        (
            503,
            refusal("UNAVAILABLE", "try again.", ""),
            Absence::Failed,
            "status 503: try again.",
        ),
        (500, Vec::new(), Absence::Failed, "status 500."),
    ];
    for (status, body, absence, part) in cases {
        let failure = Failure::of_status(status, &body, "pubsub.googleapis.com", TOPICS, None);
        assert_eq!(failure.absence(), absence, "{failure}");
        assert!(failure.to_string().contains(part), "{failure}");
        assert!(!failure.remedy().is_empty());
    }
}

#[test]
fn each_missing_permission_is_named_with_the_role_that_has_it() {
    for (asked, role) in [(TOPICS, "roles/pubsub.viewer"), (NUMBERS, "roles/monitoring.viewer")] {
        let failure = Failure::of_status(403, b"{}", "x", asked, None);
        assert!(failure.to_string().contains(asked.permission), "{failure}");
        assert!(failure.remedy().contains(role) && failure.remedy().contains("shop"));
    }
}

#[test]
fn long_texts_from_outside_are_cut() {
    let body = refusal("INTERNAL", &"é".repeat(70_000), "");
    let failure = Failure::of_status(500, &body, "x", TOPICS, None);
    assert!(failure.to_string().chars().count() < 250);
}
