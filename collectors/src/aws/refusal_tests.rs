//! Error codes and messages as Amazon's references print them, and what is made of each.

use super::*;

const LIST: Question<'_> = Question {
    action: "sqs:ListQueues",
    region: "eu-west-1",
};

/// Says whether it is the expected kind of failure.
type Is = fn(&Failure) -> bool;

#[test]
fn codes_are_told_apart() {
    let denied = "User: arn:aws:iam::111122223333:user/x is not authorized to perform: sqs:getqueueattributes on \
                  resource: arn:aws:sqs:eu-west-1:111122223333:orders because no identity-based policy allows it";
    let cases: &[(&str, &str, Is)] = &[
        (
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
            |f| matches!(f, Failure::Credentials(_)),
        ),
        (
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match",
            |f| matches!(f, Failure::Credentials(_)),
        ),
        (
            "ExpiredToken",
            "The security token included in the request is expired",
            |f| matches!(f, Failure::Expired(_)),
        ),
        ("AccessDenied", denied, |f| {
            *f == Failure::NotPermitted("sqs:getqueueattributes".into())
        }),
        ("AuthorizationError", "", |f| {
            *f == Failure::NotPermitted("sqs:ListQueues".into())
        }),
        ("RequestThrottled", "", |f| matches!(f, Failure::Throttled(_))),
        ("ThrottlingException", "Rate exceeded", |f| {
            *f == Failure::Throttled("ThrottlingException".into())
        }),
        ("OptInRequired", "", |f| {
            matches!(f, Failure::Credentials(_)) && f.remedy().contains("region is enabled")
        }),
        (
            "MissingAuthenticationToken",
            "Request is missing Authentication Token",
            |f| matches!(f, Failure::Credentials(_)),
        ),
        ("KmsAccessDenied", "", |f| matches!(f, Failure::NotPermitted(_))),
        ("AWS.SimpleQueueService.NonExistentQueue", "", |f| *f == Failure::Gone),
        ("com.amazonaws.sqs#QueueDoesNotExist", "", |f| *f == Failure::Gone),
        ("InvalidAction", "", |f| matches!(f, Failure::NotSupported(_))),
        ("InternalFailure", "try again", |f| matches!(f, Failure::Failed(..))),
    ];
    for (code, message, expected) in cases {
        let failure = Failure::coded(LIST, code, message);
        assert!(expected(&failure), "{code}: {failure:?}");
    }
}

#[test]
fn a_clock_that_is_ten_minutes_wrong_is_explained() {
    let message =
        "Signature expired: 20260101T000000Z is now earlier than 20260101T000500Z (20260101T001000Z - 5 min.)";
    for code in ["SignatureDoesNotMatch", "InvalidSignatureException", "RequestExpired"] {
        let failure = Failure::coded(LIST, code, message);
        assert!(matches!(failure, Failure::Clock(_)), "{code}: {failure:?}");
        assert!(failure.remedy().contains("clock"), "{}", failure.remedy());
    }
}

#[test]
fn a_clock_that_is_wrong_is_explained_as_well_while_a_role_is_assumed() {
    let chain = |code: &str, message: &str| {
        format!(
            "dispatch failure: other: identity resolver failed: provider error: service error: unhandled error ({code}) \
             (ProviderError {{ source: ServiceError {{ code: Some(\"{code}\"), message: Some(\"{message}\") }} }})"
        )
    };
    let late = "Signature expired: 20260101T000000Z is now earlier than 20260101T000500Z (20260101T001000Z - 5 min.)";
    let cases: &[(&str, &str, Is)] = &[
        (
            "SignatureDoesNotMatch",
            late,
            |f| matches!(f, Failure::Clock(said) if said.ends_with("- 5 min.)")),
        ),
        ("RequestExpired", "Request has expired.", |f| {
            matches!(f, Failure::Clock(_))
        }),
        (
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match",
            |f| matches!(f, Failure::Credentials(_)),
        ),
        ("ExpiredToken", "The security token is expired", |f| {
            matches!(f, Failure::Expired(_))
        }),
        ("Throttling", "Rate exceeded", |f| {
            *f == Failure::Throttled("Throttling".into())
        }),
    ];
    for (code, message, expected) in cases {
        let failure = Failure::unsent(LIST, &chain(code, message));
        assert!(expected(&failure), "{code}: {failure:?}");
    }
}

#[test]
fn an_answer_without_a_code_is_judged_by_its_status() {
    let moves = Question {
        action: "sqs:ListMessageMoveTasks",
        ..LIST
    };
    let cases: &[(Question<'_>, u16, Is)] = &[
        (LIST, 404, |f| matches!(f, Failure::NotSupported(_))),
        (LIST, 501, |f| matches!(f, Failure::NotSupported(_))),
        (LIST, 200, |f| {
            f.to_string() == "sqs:ListQueues failed with status 200: the answer cannot be read."
        }),
        (LIST, 403, |f| matches!(f, Failure::Failed(..))),
        (LIST, 429, |f| matches!(f, Failure::Throttled(_))),
        (LIST, 500, |f| matches!(f, Failure::Failed(..))),
        (LIST, 502, |f| matches!(f, Failure::Failed(..))),
        (moves, 500, |f| matches!(f, Failure::NotSupported(_))),
        (moves, 503, |f| matches!(f, Failure::Failed(..))),
    ];
    for (question, status, expected) in cases {
        let failure = Failure::uncoded(*question, *status);
        assert!(expected(&failure), "{status}: {failure:?}");
        assert!(!failure.is_about_the_place(), "{status}");
    }
}

#[test]
fn what_was_never_answered_is_told_apart_by_its_causes() {
    let cases: &[(&str, Is)] = &[
        (
            "dispatch failure: io error: client error (Connect): dns error: failed to lookup address information",
            |f| matches!(f, Failure::NoSuchRegion { region, .. } if region == "eu-west-1"),
        ),
        (
            "dispatch failure: io error: tcp connect error: Connection refused (os error 111)",
            |f| matches!(f, Failure::Unreachable(_, why) if why.contains("refused")),
        ),
        ("dispatch failure: invalid peer certificate: UnknownIssuer", |f| {
            matches!(f, Failure::Tls(..))
        }),
        (
            "dispatch failure: other: the credential provider was not enabled: no providers in chain",
            |f| matches!(f, Failure::NoCredentials(_)),
        ),
        (
            "failed to load credentials: AssumeRole: AccessDenied: not authorized to perform: sts:AssumeRole",
            |f| *f == Failure::NotPermitted("sts:AssumeRole".into()) && f.is_about_the_place(),
        ),
    ];
    for (chain, expected) in cases {
        let failure = Failure::unsent(LIST, chain);
        assert!(expected(&failure), "{chain}: {failure:?}");
    }
}
