//! Why a question to Pulsar got no answer, and what that means to a person.

use brokerscope_contract::Absence;

use super::refusal::{Refusal as Refused, Why};
use super::wire::Explanation;
use crate::budget::Late;
use crate::certificate;
use crate::collector::CollectError;
use crate::excerpt::shortened;
use crate::transport::Transport;

/// So begin refusals of a role that has logged in, by brokers and by functions workers; to Pulsar both kinds are the
/// same status.
const NOT_PERMITTED: [&str; 2] = ["Unauthorized to validate", "Client is not authorized"];

/// What went wrong, in the order in which a connection comes about.
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
    /// TLS was tried, and something else answered.
    #[error("{0} does not speak TLS.")]
    NoTls(String),
    #[error("The certificate of {0} is not accepted: {1}.")]
    Certificate(String, String),
    #[error("The TLS handshake with {0} failed: {1}.")]
    Handshake(String, String),
    /// The broker wants to know the client by a certificate.
    #[error("{0} ended the TLS handshake: {1}.")]
    ClientCertificate(String, &'static str),
    /// Plain HTTP was tried, and something else answered.
    #[error("{0} answers, but not in HTTP.")]
    NoHttp(String),
    #[error("{0} closed the connection in the middle of its answer.")]
    Broken(String),
    #[error("{0} answered with more than {1} MB.")]
    TooLarge(String, u64),
    /// No login, a wrong one, or one that has expired.
    #[error("The login was refused: {0}.")]
    Refusal(Refused),
    /// Logged in, but this question is not for this role. Holds the broker's reason.
    #[error("The role may not ask this: {0}.")]
    NotPermitted(String),
    /// The broker does not know the question.
    #[error("{0} does not know this question.")]
    Unsupported(String),
    /// The question is about something that is not there (any more). Holds the broker's reason.
    #[error("{0} says: {1}.")]
    Missing(String, String),
    #[error("{0} redirects to {1}, which is no broker that this connection knows; the login was not sent there.")]
    ForeignRedirect(String, String),
    #[error("{0} redirects to {1} without TLS; the login was not sent there.")]
    UnencryptedRedirect(String, String),
    #[error("{0} redirects in a circle.")]
    EndlessRedirect(String),
    /// The broker's own limit on requests.
    #[error("{0} slows requests down: it takes no more of them for the moment.")]
    Throttled(String),
    /// A status that fits nothing above, and what the body says.
    #[error("{0} answered with status {1}{2}.")]
    Status(String, u16, String),
    #[error("What {0} answers is not what a Pulsar broker says: {1}.")]
    NotPulsar(String, String),
}

impl Failure {
    /// From the HTTP client. `place` is the address that was asked.
    pub fn of_transport(error: &reqwest::Error, place: &str, tls: bool) -> Failure {
        let place = place.to_string();
        match Transport::of(error, tls) {
            Transport::Lookup => Failure::Lookup(place),
            Transport::Refused => Failure::Refused(place),
            Transport::Unreachable(why) => Failure::Unreachable(place, why),
            Transport::TimedOut => Failure::TimedOut(place),
            Transport::NoTls => Failure::NoTls(place),
            Transport::Certificate(why) => Failure::Certificate(place, why),
            Transport::Handshake(why) => Failure::Handshake(place, why),
            Transport::ClientCertificate(why) => Failure::ClientCertificate(place, why),
            Transport::NoHttp => Failure::NoHttp(place),
            Transport::Broken => Failure::Broken(place),
        }
    }

    /// From an answer whose status is no success and no redirect.
    pub fn of_status(status: u16, body: &[u8], place: &str) -> Failure {
        let said: Explanation = serde_json::from_slice(body).unwrap_or_default();
        let reason = shortened(said.reason.as_deref().unwrap_or_default());
        let reason = reason.trim_end_matches('.');
        let or = |otherwise: &str| {
            if reason.is_empty() {
                otherwise.to_string()
            } else {
                reason.to_string()
            }
        };
        match status {
            401 if NOT_PERMITTED.iter().any(|begin| reason.starts_with(begin)) => Failure::NotPermitted(or("")),
            401 => Failure::Refusal(Refused {
                why: Why::Unknown,
                said: (!reason.is_empty()).then(|| reason.to_string()),
            }),
            403 => Failure::NotPermitted(or("it is forbidden to this role")),
            429 => Failure::Throttled(place.into()),
            404 | 405 if reason.is_empty() => Failure::Unsupported(place.into()),
            404 => Failure::Missing(place.into(), reason.into()),
            _ if reason.is_empty() => Failure::Status(place.into(), status, String::new()),
            _ => Failure::Status(place.into(), status, format!(": {reason}")),
        }
    }

    /// Whether it came before any question was asked.
    pub fn is_about_tls(&self) -> bool {
        use Failure::*;
        matches!(self, NoTls(_) | Certificate(..) | Handshake(..) | ClientCertificate(..))
    }

    /// What to do about it.
    pub fn remedy(&self) -> &'static str {
        use Failure::*;
        match self {
            Lookup(_) => "Check the spelling of the host, and that this machine's name service knows it.",
            Refused(_) => {
                "Check the port (the admin API listens on 8080 by default, with TLS on 8443), and that the broker runs."
            }
            Unreachable(..) => "Check the network between this machine and the broker: routes, firewalls, VPN.",
            TimedOut(_) => "Check firewalls and the load of the broker, or allow a longer timeout.",
            NoTls(_) => "Use http:// for this port, or the port on which the admin API speaks TLS (by default 8443).",
            Certificate(..) => {
                "Give the certificate of the authority that signed it, and use the host name that the certificate was \
                 made for."
            }
            Handshake(..) => {
                "Check that the port speaks TLS 1.2 or later, and whether it asks for a client certificate."
            }
            ClientCertificate(..) => certificate::CLIENT_REMEDY,
            NoHttp(_) => {
                "Check the port: it may speak TLS (then use https://) or Pulsar's own protocol (6650). The admin API \
                 listens on 8080 by default."
            }
            Broken(_) => "Look into the broker's log, and at proxies between this machine and the broker.",
            TooLarge(..) => "Watch fewer namespaces with this connection.",
            Refusal(refused) => refused.why.remedy(),
            NotPermitted(_) => {
                "Make the role a super-user (superUserRoles in the broker's configuration), or let it read single \
                 namespaces: pulsar-admin namespaces grant-permission TENANT/NAMESPACE --role ROLE --actions consume, \
                 and list those under \"Only these namespaces\"."
            }
            Unsupported(_) => "Check the address; older versions know fewer questions.",
            Missing(..) => "It was deleted, or never existed. Check the namespaces in the connection's settings.",
            ForeignRedirect(..) => {
                "Add that address to the connection if it is a broker of this cluster, or correct the advertised \
                 address of the brokers."
            }
            UnencryptedRedirect(..) => "Let the brokers advertise their TLS address (webServicePortTls).",
            EndlessRedirect(_) => "Look into the brokers' logs: they disagree about who serves the topic.",
            Throttled(_) => {
                "Nothing, if it passes; else allow more (httpRequestsMaxPerSecond in the broker's configuration), or a \
                 longer interval."
            }
            Status(..) => "Look into the broker's log.",
            NotPulsar(..) => "Check the address: it must be a broker's admin API, by default http://HOST:8080.",
        }
    }

    /// How the figures behind the question are absent.
    pub fn absence(&self) -> Absence {
        match self {
            Failure::Refusal(_) | Failure::NotPermitted(_) => Absence::NotPermitted,
            Failure::Unsupported(_) => Absence::NotSupported,
            Failure::Missing(..) => Absence::NoData,
            Failure::Throttled(_) => Absence::Stale,
            _ => Absence::Failed,
        }
    }

    /// Whether another broker of the cluster may do better.
    pub fn is_about_the_broker(&self) -> bool {
        !matches!(
            self,
            Failure::Refusal(_) | Failure::NotPermitted(_) | Failure::Missing(..)
        )
    }
}

/// The one conversion at this room's border.
impl Late for Failure {
    fn late() -> Failure {
        Failure::TimedOut("The broker".into())
    }
}

impl From<Failure> for CollectError {
    fn from(failure: Failure) -> CollectError {
        use Failure::*;
        let (detail, remedy) = (failure.to_string(), failure.remedy().to_string());
        match failure {
            Lookup(_) | Refused(_) | Unreachable(..) | Broken(_) | Throttled(_) => {
                CollectError::Unreachable { detail, remedy }
            }
            TimedOut(_) => CollectError::TimedOut { detail, remedy },
            NoTls(_) | Certificate(..) | Handshake(..) | ClientCertificate(..) => CollectError::Tls { detail, remedy },
            Refusal(_) | NotPermitted(_) => CollectError::Login { detail, remedy },
            NoHttp(_)
            | TooLarge(..)
            | Unsupported(_)
            | Missing(..)
            | ForeignRedirect(..)
            | UnencryptedRedirect(..)
            | EndlessRedirect(_)
            | Status(..)
            | NotPulsar(..) => CollectError::NotThisSystem { detail, remedy },
        }
    }
}

#[cfg(test)]
mod tests;
