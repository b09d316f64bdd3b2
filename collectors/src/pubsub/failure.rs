//! Why a question to Google got no answer, and what that means to a person.

mod transport;

use brokerscope_contract::Absence;

use super::wire::Refusal;
use crate::budget::Late;
use crate::collector::CollectError;
use crate::excerpt::shortened;

/// What was asked for, to say what is missing when it is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked<'a> {
    pub project: &'a str,
    /// The one permission that the question needs.
    pub permission: &'static str,
}

/// What went wrong, in the order in which an answer comes about. Places are host and port.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    #[error("The name of {0} could not be looked up.")]
    Lookup(String),
    #[error("{0} refused the connection: nothing listens there.")]
    Refused(String),
    #[error("{0} could not be reached: {1}.")]
    Unreachable(String, String),
    #[error("{0} did not answer in time.")]
    TimedOut(String),
    #[error("The TLS handshake with {0} failed: {1}.")]
    Tls(String, String),
    #[error("{0} closed the connection in the middle of its answer.")]
    Broken(String),
    #[error("{0} answered with more than {1} MB.")]
    TooLarge(String, u64),
    /// The key cannot be used; nothing was asked.
    #[error("The key cannot be used: {0}.")]
    Key(String),
    #[error("No metadata server answers at {0}: this machine is none of Google Cloud's, or has no service account.")]
    NoMetadata(String),
    /// Holds the reason of the token endpoint.
    #[error("Google refused the login: {0}.")]
    Login(String),
    /// Signed at a time that Google does not believe. Says how far this machine's clock is off.
    #[error("Google refused the login because this machine's clock is {0}.")]
    Clock(String),
    /// The token was not accepted, not even a new one.
    #[error("{0} does not accept the login.")]
    Unauthenticated(String),
    #[error("The login lacks the permission {permission} on the project {project}.")]
    NotPermitted { project: String, permission: &'static str },
    /// The machine's own access scopes are narrower than its service account.
    #[error("The access scopes of this machine do not allow it, whatever its service account may do.")]
    Scopes,
    #[error("The API {service} is not enabled in the project {project}.")]
    Disabled { project: String, service: String },
    #[error("There is no project {0}, or this login may not know of it.")]
    NoProject(String),
    #[error("{0} does not know this question.")]
    Unsupported(String),
    /// Seconds after which Google would have us ask again, when it says so.
    #[error("{0} says that the quota of requests is used up.")]
    Quota(String, Option<u64>),
    #[error("{0} answered with status {1}{2}.")]
    Status(String, u16, String),
    /// The list changed so much while it was read that Google gave up on it.
    #[error("{0} could not go on with a list of several pages.")]
    Paging(String),
    #[error("What {0} answers is not what Google says: {1}.")]
    NotGoogle(String, String),
}

impl Failure {
    /// From an answer whose status is no success.
    pub fn of_status(status: u16, body: &[u8], place: &str, asked: Asked<'_>, retry_after: Option<u64>) -> Failure {
        let said: Refusal = serde_json::from_slice(body).unwrap_or_default();
        let said = said.error;
        let project = asked.project.to_string();
        let reason = |wanted: &str| said.details.iter().any(|detail| detail.reason == wanted);
        match status {
            401 => Failure::Unauthenticated(place.into()),
            403 if reason("SERVICE_DISABLED") || said.message.contains("has not been used in project") => {
                Failure::Disabled {
                    project,
                    service: asked.service().into(),
                }
            }
            403 if reason("ACCESS_TOKEN_SCOPE_INSUFFICIENT") => Failure::Scopes,
            // Quota of a project is told as 403 by older interfaces.
            429 => Failure::Quota(place.into(), retry_after),
            403 if reason("RATE_LIMIT_EXCEEDED") => Failure::Quota(place.into(), retry_after),
            403 => Failure::NotPermitted {
                project,
                permission: asked.permission,
            },
            404 if said.status == "NOT_FOUND" && said.message.contains("project") => Failure::NoProject(project),
            404 | 405 | 501 => Failure::Unsupported(place.into()),
            400 if said.message.contains("page token") || said.message.contains("page_token") => {
                Failure::Paging(place.into())
            }
            _ if said.message.is_empty() => Failure::Status(place.into(), status, String::new()),
            _ => {
                let message = shortened(&said.message);
                Failure::Status(place.into(), status, format!(": {}", message.trim_end_matches('.')))
            }
        }
    }

    /// What to do about it.
    pub fn remedy(&self) -> String {
        use Failure::*;
        match self {
            Lookup(_) => "Check the name service of this machine, and its way to the internet.".into(),
            Refused(_) | Unreachable(..) => "Check the network: routes, firewalls, and the proxy in the environment \
                                             (HTTPS_PROXY)."
                .into(),
            TimedOut(_) => "Check firewalls and proxies, or allow a longer timeout.".into(),
            Tls(..) => {
                "Check for a proxy that breaks TLS open; its authority has to be trusted by this machine.".into()
            }
            Broken(_) | Paging(_) => "Nothing to do: it is tried again with the next visit.".into(),
            TooLarge(..) => "Watch fewer projects with this connection, or basic figures only.".into(),
            Key(_) => "Make a new key: gcloud iam service-accounts keys create key.json --iam-account=ACCOUNT.".into(),
            NoMetadata(_) => "Log in with a key file, or run this machine or pod with a service account.".into(),
            Login(_) => {
                "Check in the console that the account exists, is enabled, and still has this key; then paste a \
                         new key."
                    .into()
            }
            Clock(_) => {
                "Set the clock of this machine, best by time synchronisation (timedatectl set-ntp true).".into()
            }
            Unauthenticated(_) => "Check that the key belongs to this address, and make a new one.".into(),
            NotPermitted { project, permission } => grant(project, permission),
            Scopes => "Stop the machine and allow the scope cloud-platform, or log in with a key file.".into(),
            Disabled { project, service } => format!("gcloud services enable {service} --project={project}"),
            NoProject(_) => "Check the id of the project: gcloud projects list shows ids and names.".into(),
            Unsupported(_) => {
                "Check the address in the connection's settings; an emulator knows fewer questions.".into()
            }
            Quota(..) => {
                "It is asked again more slowly by itself. Choose fewer figures or a longer interval, or raise \
                          the quota in the console under IAM, Quotas."
                    .into()
            }
            Status(..) => "See status.cloud.google.com; it is tried again with the next visit.".into(),
            NotGoogle(..) => {
                "Check the address in the connection's settings, and for a proxy that answers itself.".into()
            }
        }
    }

    /// How the figures behind the question are absent.
    pub fn absence(&self) -> Absence {
        use Failure::*;
        match self {
            Key(_) | Login(_) | Clock(_) | Unauthenticated(_) | NotPermitted { .. } | Scopes | NoProject(_) => {
                Absence::NotPermitted
            }
            Disabled { .. } => Absence::Disabled,
            Unsupported(_) => Absence::NotSupported,
            // What is known stays shown, and grows old.
            Quota(..) => Absence::Stale,
            _ => Absence::Failed,
        }
    }
}

impl Asked<'_> {
    pub fn service(&self) -> &'static str {
        match self.permission.starts_with("monitoring.") {
            true => "monitoring.googleapis.com",
            false => "pubsub.googleapis.com",
        }
    }
}

/// The command that gives the role with this permission.
pub fn grant(project: &str, permission: &str) -> String {
    let role = match permission.starts_with("monitoring.") {
        true => "roles/monitoring.viewer",
        false => "roles/pubsub.viewer",
    };
    format!("gcloud projects add-iam-policy-binding {project} --member=serviceAccount:ACCOUNT --role={role}")
}

impl Late for Failure {
    fn late() -> Failure {
        Failure::TimedOut("Google".into())
    }
}

/// The one conversion at this room's border.
impl From<Failure> for CollectError {
    fn from(failure: Failure) -> CollectError {
        use Failure::*;
        let (detail, remedy) = (failure.to_string(), failure.remedy());
        match failure {
            Lookup(_) | Refused(_) | Unreachable(..) | Broken(_) | Quota(..) | Status(..) | Paging(_) => {
                CollectError::Unreachable { detail, remedy }
            }
            TimedOut(_) => CollectError::TimedOut { detail, remedy },
            Tls(..) => CollectError::Tls { detail, remedy },
            Key(_)
            | NoMetadata(_)
            | Login(_)
            | Clock(_)
            | Unauthenticated(_)
            | NotPermitted { .. }
            | Scopes
            | Disabled { .. }
            | NoProject(_) => CollectError::Login { detail, remedy },
            TooLarge(..) | Unsupported(_) | NotGoogle(..) => CollectError::NotThisSystem { detail, remedy },
        }
    }
}

#[cfg(test)]
mod tests;
