//! What can go wrong when Amazon is asked, and what that means to a person.

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
    /// The action.
    #[error("The list of {0} does not end.")]
    Endless(String),
}

impl Failure {
    /// Why the figures are missing.
    pub fn absence(&self) -> Absence {
        match self {
            Failure::NotPermitted(_) => Absence::NotPermitted,
            Failure::NotSupported(_) | Failure::NoSuchRegion { .. } => Absence::NotSupported,
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
            Failure::Gone | Failure::Failed(..) | Failure::Endless(_) => "Try again; if it stays, look it up in Amazon's reference.".into(),
        }
    }

    /// Whether the same question will fail again until somebody changes something.
    pub fn is_lasting(&self) -> bool {
        matches!(
            self,
            Failure::NotPermitted(_) | Failure::NotSupported(_) | Failure::NoSuchRegion { .. } | Failure::Endless(_)
        )
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
                | Failure::Endless(_)
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

/// As much of a text from outside as fits into a sentence, without its full stop.
pub fn shortened(text: &str) -> String {
    shortened_to(200, text).trim_end_matches('.').to_owned()
}
