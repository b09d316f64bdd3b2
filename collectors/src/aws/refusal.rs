//! From errors to failures: told apart by Amazon's error codes, and by HTTP status only where there is none.

use aws_sdk_sqs::config::http::HttpResponse;
use aws_sdk_sqs::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};

use super::failure::{Failure, shortened};

/// What was asked and where, for messages.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// As in a policy: `sqs:ListQueues`.
    pub action: &'a str,
    pub region: &'a str,
}

impl Question<'_> {
    fn service(&self) -> String {
        self.action.split(':').next().unwrap_or_default().to_uppercase()
    }

    fn place(&self) -> String {
        format!("{} in {}", self.service(), self.region)
    }
}

impl Failure {
    pub fn of<E>(question: Question<'_>, error: &SdkError<E, HttpResponse>) -> Failure
    where
        E: std::error::Error + ProvideErrorMetadata + 'static,
    {
        match error {
            SdkError::ServiceError(service) => {
                let said = service.err();
                match said.code().unwrap_or_default() {
                    "" => Failure::uncoded(question, service.raw().status().as_u16()),
                    code => Failure::coded(question, code, said.message().unwrap_or_default()),
                }
            }
            SdkError::TimeoutError(_) => Failure::TimedOut(question.place()),
            SdkError::DispatchFailure(dispatch) if dispatch.is_timeout() => Failure::TimedOut(question.place()),
            SdkError::ResponseError(response) => Failure::uncoded(question, response.raw().status().as_u16()),
            _ => Failure::unsent(question, &DisplayErrorContext(error).to_string()),
        }
    }

    /// From an answer that is not the service's: a proxy's page, one that was cut off, or a stand-in's that does not know
    /// the question.
    pub fn uncoded(question: Question<'_>, status: u16) -> Failure {
        let failed =
            |why: &str| Failure::Failed(question.action.to_owned(), format!("status {status}"), why.to_owned());
        match status {
            400 | 404 | 405 | 415 | 501 => Failure::NotSupported(question.action.to_owned()),
            // moto has no move tasks, and says so in this way.
            500 if question.action == "sqs:ListMessageMoveTasks" => Failure::NotSupported(question.action.to_owned()),
            429 => Failure::Throttled(format!("status {status}")),
            200..300 => failed("the answer cannot be read"),
            _ => failed("the answer is none of Amazon's"),
        }
    }

    /// The visit's time ended before the answer came.
    pub fn late(question: Question<'_>) -> Failure {
        Failure::TimedOut(question.place())
    }

    /// From an error that a service answered with. Codes are those of the services' references ("Common Errors") and of
    /// SQS' query-compatible mode, which puts `AWS.SimpleQueueService.` before them.
    pub fn coded(question: Question<'_>, code: &str, message: &str) -> Failure {
        let short = code.rsplit(['.', '#']).next().unwrap_or(code);
        let told = || shortened(if message.is_empty() { code } else { message });
        match short {
            _ if about_time(message).is_some() || about_time(short).is_some() => Failure::Clock(told()),
            "ExpiredToken" | "ExpiredTokenException" | "TokenRefreshRequired" => Failure::Expired(told()),
            "InvalidClientTokenId"
            | "UnrecognizedClientException"
            | "InvalidAccessKeyId"
            | "SignatureDoesNotMatch"
            | "InvalidSignatureException"
            | "MissingAuthenticationToken"
            | "MissingAuthenticationTokenException"
            | "IncompleteSignature"
            | "IncompleteSignatureException"
            | "AuthFailure"
            | "OptInRequired"
            | "InvalidSecurity"
            | "InvalidClientTokenIdException" => Failure::Credentials(told()),
            "AccessDenied"
            | "AccessDeniedException"
            | "AuthorizationError"
            | "AuthorizationErrorException"
            | "UnauthorizedOperation"
            | "NotAuthorized"
            | "KMSAccessDenied"
            | "KmsAccessDenied" => Failure::NotPermitted(action_in(message).unwrap_or(question.action).to_owned()),
            _ if THROTTLED.contains(&short) => Failure::Throttled(short.to_owned()),
            "QueueDoesNotExist"
            | "NonExistentQueue"
            | "NotFound"
            | "NotFoundException"
            | "ResourceNotFoundException" => Failure::Gone,
            "InvalidAction"
            | "UnsupportedOperation"
            | "UnknownOperationException"
            | "NotImplemented"
            | "UnsupportedProtocol" => Failure::NotSupported(question.action.to_owned()),
            _ => Failure::Failed(question.action.to_owned(), short.to_owned(), told()),
        }
    }

    /// From an error before anything was answered: the text of the whole chain of causes.
    pub fn unsent(question: Question<'_>, chain: &str) -> Failure {
        // Also while a role is assumed: then the answer is somewhere in the chain.
        if let Some(said) = about_time(chain) {
            return Failure::Clock(shortened(said));
        }
        let lower = chain.to_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| lower.contains(word));
        let coded = [
            "ExpiredToken",
            "AccessDenied",
            "InvalidClientTokenId",
            "SignatureDoesNotMatch",
            "InvalidIdentityToken",
        ];
        if has(&["credential", "assume_role", "assumerole", "identity"]) {
            // The role was refused, or its login: that answer is somewhere in the chain.
            if let Some(code) = THROTTLED.iter().find(|code| chain.contains(**code)) {
                return Failure::Throttled((*code).to_owned());
            }
            return match coded.iter().find(|code| chain.contains(**code)) {
                Some(&"AccessDenied") => Failure::NotPermitted("sts:AssumeRole".into()),
                Some(&"ExpiredToken") => Failure::Expired("while a role was assumed".into()),
                Some(code) => Failure::Credentials((*code).into()),
                None if has(&["dispatch failure", "timeout", "connect"]) && !has(&["not loaded", "no providers"]) => {
                    Failure::Unreachable("the source of the credentials".into(), shortened(chain))
                }
                None => Failure::NoCredentials(shortened(chain)),
            };
        }
        if has(&[
            "dns error",
            "failed to lookup",
            "name or service not known",
            "no such host",
        ]) {
            return Failure::NoSuchRegion {
                service: question.service(),
                region: question.region.to_owned(),
                detail: "its host name is unknown".into(),
            };
        }
        if has(&["certificate", "tls", "handshake", "corruptmessage"]) {
            return Failure::Tls(question.place(), shortened(chain));
        }
        if has(&["timed out", "timeout"]) {
            return Failure::TimedOut(question.place());
        }
        let why = if has(&["refused"]) {
            "the connection is refused".into()
        } else {
            shortened(chain)
        };
        Failure::Unreachable(question.place(), why)
    }
}

/// Codes of the services for "too much at once".
const THROTTLED: &[&str] = &[
    "Throttling",
    "ThrottlingException",
    "Throttled",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
    "RequestLimitExceeded",
    "TooManyRequestsException",
    "SlowDown",
    "BandwidthLimitExceeded",
];

/// What says that the clocks differ, from there on: codes, and messages under the code of a wrong signature.
fn about_time(text: &str) -> Option<&str> {
    let said = [
        "Signature expired",
        "Signature not yet current",
        "RequestTimeTooSkewed",
        "RequestExpired",
        "RequestInTheFuture",
    ];
    let begins = said.iter().filter_map(|said| text.find(said)).min()?;
    // In a chain of causes the message stands in quotation marks.
    text[begins..].split('"').next()
}

/// The action in "User: arn... is not authorized to perform: sqs:listqueues on resource: ...".
fn action_in(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("not authorized to perform: ")?;
    rest.split_whitespace().next().filter(|action| action.contains(':'))
}

#[cfg(test)]
#[path = "refusal_tests.rs"]
mod tests;
