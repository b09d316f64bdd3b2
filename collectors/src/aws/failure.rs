//! What can go wrong when Amazon is asked, told apart by its error codes, never by HTTP status alone.

use aws_sdk_sqs::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};
use brokerscope_contract::Absence;

use crate::collector::CollectError;
use crate::excerpt::shortened_to;

/// Texts are whole sentences without secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    #[error("No credentials were found: {0}.")]
    NoCredentials(String),
    #[error("The credentials are refused ({0}).")]
    Credentials(String),
    #[error("The credentials have expired ({0}).")]
    Expired(String),
    #[error("The signature is refused because this server's clock differs from Amazon's ({0}).")]
    Clock(String),
    /// The action, such as `sqs:ListQueues`.
    #[error("The permission {0} is missing.")]
    NotPermitted(String),
    #[error("Amazon slows the requests down ({0}).")]
    Throttled(String),
    #[error("It does not exist any more.")]
    Gone,
    #[error("{0} is not offered there.")]
    NotSupported(String),
    #[error("There is no {service} in the region {region}, or its name is not known: {detail}.")]
    NoSuchRegion {
        service: String,
        region: String,
        detail: String,
    },
    #[error("{0} cannot be reached: {1}.")]
    Unreachable(String, String),
    #[error("{0} did not answer in time.")]
    TimedOut(String),
    #[error("TLS with {0} failed: {1}.")]
    Tls(String, String),
    #[error("{0} failed with {1}: {2}.")]
    Failed(String, String, String),
}

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
    pub fn of<E, R>(question: Question<'_>, error: &SdkError<E, R>) -> Failure
    where
        E: std::error::Error + ProvideErrorMetadata + 'static,
        R: std::fmt::Debug,
    {
        match error {
            SdkError::ServiceError(service) => {
                let said = service.err();
                let code = said.code().unwrap_or_default();
                Failure::coded(question, code, said.message().unwrap_or_default())
            }
            SdkError::TimeoutError(_) => Failure::TimedOut(question.place()),
            SdkError::DispatchFailure(dispatch) if dispatch.is_timeout() => Failure::TimedOut(question.place()),
            SdkError::ResponseError(_) => Failure::NotSupported(question.action.to_owned()),
            _ => Failure::unsent(question, &DisplayErrorContext(error).to_string()),
        }
    }

    /// From an error that a service answered with. Codes are those of the services' references ("Common Errors") and of
    /// SQS' query-compatible mode, which puts `AWS.SimpleQueueService.` before them.
    pub fn coded(question: Question<'_>, code: &str, message: &str) -> Failure {
        let short = code.rsplit(['.', '#']).next().unwrap_or(code);
        let about_time = message.contains("Signature expired") || message.contains("Signature not yet current");
        let told = || shortened(if message.is_empty() { code } else { message });
        match short {
            _ if about_time => Failure::Clock(told()),
            "RequestTimeTooSkewed" | "RequestExpired" | "RequestInTheFuture" => Failure::Clock(told()),
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
            "Throttling"
            | "ThrottlingException"
            | "Throttled"
            | "ThrottledException"
            | "RequestThrottled"
            | "RequestThrottledException"
            | "RequestLimitExceeded"
            | "TooManyRequestsException"
            | "SlowDown"
            | "BandwidthLimitExceeded" => Failure::Throttled(short.to_owned()),
            "QueueDoesNotExist"
            | "NonExistentQueue"
            | "NotFound"
            | "NotFoundException"
            | "ResourceNotFoundException" => Failure::Gone,
            "InvalidAction"
            | "UnsupportedOperation"
            | "UnknownOperationException"
            | "NotImplemented"
            | "UnsupportedProtocol"
            | "" => Failure::NotSupported(question.action.to_owned()),
            _ => Failure::Failed(question.action.to_owned(), short.to_owned(), told()),
        }
    }

    /// From an error before anything was answered: the text of the whole chain of causes.
    pub fn unsent(question: Question<'_>, chain: &str) -> Failure {
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

    /// Why the figures are missing.
    pub fn absence(&self) -> Absence {
        match self {
            Failure::NotPermitted(_) => Absence::NotPermitted,
            Failure::NotSupported(_) => Absence::NotSupported,
            Failure::Throttled(_) => Absence::Stale,
            _ => Absence::Failed,
        }
    }

    pub fn remedy(&self) -> String {
        match self {
            Failure::NoCredentials(_) => {
                "Choose where the credentials come from, and see that the server can read them there.".into()
            }
            Failure::Credentials(_) => {
                "Check the key and its secret, that the key is active, and that the region is enabled in the account."
                    .into()
            }
            Failure::Expired(_) => "Fill in new keys, or use a role, which renews them by itself.".into(),
            Failure::Clock(_) => {
                "Set this server's clock right (for example with chrony): Amazon accepts 5 minutes of difference at most."
                    .into()
            }
            Failure::NotPermitted(action) => {
                format!("Allow {action} in the policy of the role or user; the documentation has the whole policy.")
            }
            Failure::Throttled(_) => "Nothing: fewer questions are asked for a while. A longer interval avoids it.".into(),
            Failure::NotSupported(_) => "Nothing: a stand-in or an old version does not have it.".into(),
            Failure::NoSuchRegion { .. } => "Correct the regions of the connection, or the server's name lookup.".into(),
            Failure::Unreachable(..) | Failure::TimedOut(_) => {
                "Check network, proxy and VPC endpoints between this server and Amazon.".into()
            }
            Failure::Tls(..) => "Check what stands between this server and Amazon: a proxy may replace certificates.".into(),
            Failure::Gone | Failure::Failed(..) => "Try again; if it stays, look it up in Amazon's reference.".into(),
        }
    }

    /// Whether every other question to the same place will fail as well.
    pub fn is_about_the_place(&self) -> bool {
        !matches!(
            self,
            Failure::NotPermitted(_)
                | Failure::Throttled(_)
                | Failure::Gone
                | Failure::NotSupported(_)
                | Failure::Failed(..)
        ) || matches!(self, Failure::NotPermitted(action) if action == "sts:AssumeRole")
    }
}

impl From<Failure> for CollectError {
    fn from(failure: Failure) -> CollectError {
        let (detail, remedy) = (failure.to_string(), failure.remedy());
        match failure {
            Failure::NoCredentials(_)
            | Failure::Credentials(_)
            | Failure::Expired(_)
            | Failure::Clock(_)
            | Failure::NotPermitted(_) => CollectError::Login { detail, remedy },
            Failure::Tls(..) => CollectError::Tls { detail, remedy },
            Failure::TimedOut(_) => CollectError::TimedOut { detail, remedy },
            Failure::NotSupported(_) => CollectError::NotThisSystem { detail, remedy },
            _ => CollectError::Unreachable { detail, remedy },
        }
    }
}

/// The action in "User: arn... is not authorized to perform: sqs:listqueues on resource: ...".
fn action_in(message: &str) -> Option<&str> {
    let (_, rest) = message.split_once("not authorized to perform: ")?;
    rest.split_whitespace().next().filter(|action| action.contains(':'))
}

/// As much of a text from outside as fits into a sentence, without its full stop.
pub fn shortened(text: &str) -> String {
    shortened_to(200, text).trim_end_matches('.').to_owned()
}

#[cfg(test)]
#[path = "failure_tests.rs"]
mod tests;
