//! Why a question to RabbitMQ got no answer, and what that means to a person.

use brokerscope_contract::Absence;

use super::wire::Explanation;
use crate::budget::Late;
use crate::certificate;
use crate::collector::CollectError;
use crate::excerpt::shortened;
use crate::transport::Transport;

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
    #[error("The login was refused: wrong user or password.")]
    WrongLogin,
    #[error("The user may only log in from the broker's own machine.")]
    LoopbackOnly,
    #[error("The login is right, but the user has no tag that admits it to the management API.")]
    NoTag,
    /// Logged in, but this question is not for this user. Holds the broker's reason.
    #[error("The user may not ask this: {0}.")]
    NotPermitted(String),
    /// The broker does not know the question.
    #[error("{0} does not know this question.")]
    Unsupported(String),
    #[error("{0} redirects to {1}.")]
    Redirected(String, String),
    /// A status that fits nothing above, and what the body says.
    #[error("{0} answered with status {1}{2}.")]
    Status(String, u16, String),
    /// A Prometheus endpoint that belongs to another cluster or node than expected.
    #[error("{0} belongs to {1}.")]
    Foreign(String, String),
    #[error("What {0} answers is not what RabbitMQ's management plugin says: {1}.")]
    NotRabbitMq(String, String),
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

    /// From an answer whose status is no success.
    pub fn of_status(status: u16, body: &[u8], place: &str, location: Option<&str>) -> Failure {
        let said: Explanation = serde_json::from_slice(body).unwrap_or_default();
        let reason = said.reason.unwrap_or_default();
        match status {
            300..=399 => Failure::Redirected(place.into(), location.unwrap_or("elsewhere").into()),
            401 if reason.contains("management user") => Failure::NoTag,
            401 if reason.contains("via localhost") => Failure::LoopbackOnly,
            401 if is_refused_login(&reason) => Failure::WrongLogin,
            401 | 403 => Failure::NotPermitted(if reason.is_empty() {
                format!("status {status}")
            } else {
                reason
            }),
            404 | 405 => Failure::Unsupported(place.into()),
            _ if reason.is_empty() => Failure::Status(place.into(), status, String::new()),
            _ => Failure::Status(place.into(), status, format!(": {}", shortened(&reason))),
        }
    }

    /// What to do about it.
    pub fn remedy(&self) -> String {
        use Failure::*;
        match self {
            Lookup(_) => "Check the spelling of the host, and that this machine's name service knows it.".into(),
            Refused(_) => "Check the port (the management plugin listens on 15672 by default, with TLS on 15671), that \
                           the broker runs, and that the plugin is enabled: rabbitmq-plugins enable rabbitmq_management."
                .into(),
            Unreachable(..) => "Check the network between this machine and the broker: routes, firewalls, VPN.".into(),
            TimedOut(_) => "Check firewalls and the load of the broker, or allow a longer timeout.".into(),
            NoTls(_) => "Use http:// for this port, or the port on which the management plugin speaks TLS.".into(),
            Certificate(..) => "Give the certificate of the authority that signed it, and use the host name that the \
                                certificate was made for."
                .into(),
            Handshake(..) => "Check that the port speaks TLS 1.2 or later, and whether it asks for a client \
                              certificate."
                .into(),
            ClientCertificate(..) => certificate::CLIENT_REMEDY.into(),
            NoHttp(_) => "Check the port: it may speak TLS (then use https://) or AMQP. The management plugin listens \
                          on 15672 by default."
                .into(),
            Broken(_) => "Look into the broker's log, and at proxies between this machine and the broker.".into(),
            TooLarge(..) => "Watch fewer virtual hosts with this connection.".into(),
            WrongLogin => "Check user and password: rabbitmqctl authenticate_user USER PASSWORD.".into(),
            LoopbackOnly => "Use another user than guest: rabbitmqctl add_user, then set_user_tags USER monitoring."
                .into(),
            NoTag => "Give the user the tag: rabbitmqctl set_user_tags USER monitoring.".into(),
            NotPermitted(_) => "Give the user the tag monitoring and a permission on every virtual host: rabbitmqctl \
                                set_user_tags USER monitoring; rabbitmqctl set_permissions -p VHOST USER '^$' '^$' '^$'."
                .into(),
            Unsupported(_) => "Check the address, and whether the plugin is enabled; older versions know fewer \
                               questions."
                .into(),
            Redirected(_, target) => format!("If {target} is the management plugin, use that address."),
            Status(..) => "Look into the broker's log.".into(),
            Foreign(..) => "Give each node's own address in the connection's settings.".into(),
            NotRabbitMq(..) => "Check the address: it must be the management plugin's, by default \
                                http://HOST:15672."
                .into(),
        }
    }

    /// How the figures behind the question are absent.
    pub fn absence(&self) -> Absence {
        match self {
            Failure::WrongLogin | Failure::LoopbackOnly | Failure::NoTag | Failure::NotPermitted(_) => {
                Absence::NotPermitted
            }
            Failure::Unsupported(_) => Absence::NotSupported,
            _ => Absence::Failed,
        }
    }

    /// Whether it came before any question was asked.
    pub fn is_about_tls(&self) -> bool {
        use Failure::*;
        matches!(self, NoTls(_) | Certificate(..) | Handshake(..) | ClientCertificate(..))
    }

    /// Whether another node of the cluster may do better.
    pub fn is_about_the_node(&self) -> bool {
        !matches!(
            self,
            Failure::WrongLogin | Failure::LoopbackOnly | Failure::NoTag | Failure::NotPermitted(_)
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
        let (detail, remedy) = (failure.to_string(), failure.remedy());
        match failure {
            Lookup(_) | Refused(_) | Unreachable(..) | Broken(_) => CollectError::Unreachable { detail, remedy },
            TimedOut(_) => CollectError::TimedOut { detail, remedy },
            NoTls(_) | Certificate(..) | Handshake(..) | ClientCertificate(..) => CollectError::Tls { detail, remedy },
            WrongLogin | LoopbackOnly | NoTag | NotPermitted(_) => CollectError::Login { detail, remedy },
            NoHttp(_) | TooLarge(..) | Unsupported(_) | Redirected(..) | Status(..) | Foreign(..) | NotRabbitMq(..) => {
                CollectError::NotThisSystem { detail, remedy }
            }
        }
    }
}

/// "Login failed" until 3.x, "Not_Authorized" since; questions beyond a right login name what is missing instead.
fn is_refused_login(reason: &str) -> bool {
    reason.is_empty() || reason.starts_with("Login failed") || reason.eq_ignore_ascii_case("not_authorized")
}

#[cfg(test)]
mod tests;
