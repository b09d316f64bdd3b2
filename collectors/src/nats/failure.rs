//! Why a question to NATS got no answer, and what that means to a person.

use std::error::Error;

use brokerscope_contract::Absence;

use crate::certificate;
use crate::collector::CollectError;

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
    /// A NATS server speaks first; what says nothing is something else.
    #[error("{0} accepts connections and says nothing.")]
    Silent(String),
    #[error("The TLS handshake with {0} failed: {1}.")]
    Tls(String, String),
    #[error("The certificate of {0} is not accepted: {1}.")]
    Certificate(String, String),
    /// The server wants to know the client by a certificate.
    #[error("{0} ended the TLS handshake: {1}.")]
    ClientCertificate(String, &'static str),
    /// Why, and what to do about the field that the login came from.
    #[error("The login was refused: {0}.")]
    Login(String, String),
    /// Logged in, but the user's permissions do not admit the subject.
    #[error("The user may not use the subject {0}.")]
    NotPermitted(String),
    /// Nobody answers on the subject: in NATS the sign of a service that this account does not have.
    #[error("Nobody answers on {0}.")]
    NobodyAnswers(String),
    /// JetStream or the system account refuses; its own words.
    #[error("{0}: {1}.")]
    Answered(String, String),
    #[error("{0} answered with more than {1} MB.")]
    TooLarge(String, u64),
    #[error("{0} does not have the page {1}.")]
    NoPage(String, String),
    #[error("What {0} answers is not what a NATS server says: {1}.")]
    NotNats(String, String),
    #[error("The settings cannot be used: {0}.")]
    Settings(String),
}

impl Failure {
    /// From NATS' client. `place` is what was asked: addresses or a subject.
    pub fn of_connecting(error: &async_nats::ConnectError, place: &str) -> Failure {
        use async_nats::ConnectErrorKind::*;
        let place = place.to_string();
        let why = deepest(error);
        if let Some(failure) = of_tls(error, &place) {
            return failure;
        }
        match error.kind() {
            AuthorizationViolation => login("wrong user, password, token or key".into()),
            Authentication => login(why),
            Dns => Failure::Lookup(place),
            TimedOut => Failure::TimedOut(place),
            Tls => Failure::Tls(place, why),
            ServerParse => Failure::Settings(why),
            Io | MaxReconnects if why.contains("uthorization") => login(why),
            Io | MaxReconnects => of_io(error, place, why),
        }
    }

    /// From the HTTP client, which hides the reason several errors deep.
    pub fn of_http(error: &reqwest::Error, place: &str) -> Failure {
        let place = place.to_string();
        if error.is_timeout() {
            return Failure::TimedOut(place);
        }
        let why = deepest(error);
        if causes(error).any(|cause| cause.to_string().starts_with("dns error")) {
            return Failure::Lookup(place);
        }
        // The HTTP library's words for bytes that are no answer, or that came before a question.
        if why.starts_with("invalid HTTP") || why.contains("unexpected message") {
            return Failure::NotNats(place, "it does not speak HTTP; is it the port for clients?".into());
        }
        of_io(error, place, why)
    }

    /// Whether another server may answer what this one did not.
    pub fn absence(&self) -> Absence {
        match self {
            Failure::NotPermitted(_) | Failure::Login(..) => Absence::NotPermitted,
            Failure::NoPage(..) => Absence::NotSupported,
            _ => Absence::Failed,
        }
    }

    /// Whether it came before any login was sent.
    pub fn is_about_tls(&self) -> bool {
        matches!(
            self,
            Failure::Tls(..) | Failure::Certificate(..) | Failure::ClientCertificate(..)
        )
    }

    /// What to do about it.
    pub fn remedy(&self) -> String {
        use Failure::*;
        match self {
            Lookup(_) => "Check the spelling of the host, and that this machine's name service knows it.".into(),
            Refused(_) => "Check the port (4222 for clients, 8222 for monitoring by default) and that the server runs \
                           with it: monitoring needs http_port in its configuration."
                .into(),
            Unreachable(..) => "Check the network between this machine and the server: routes, firewalls, VPN.".into(),
            Silent(_) => "Check the port: 4222 is the default for clients. The monitoring port (8222) belongs under \
                          monitoring addresses, with http://."
                .into(),
            TimedOut(_) => "Check firewalls and the load of the servers, or allow a longer timeout.".into(),
            Tls(..) => "Use nats:// where the server has no TLS, and switch \"TLS first\" to what it expects.".into(),
            Certificate(..) => "Give the certificate of the authority that signed the server's, and use the host name \
                                that it was made for."
                .into(),
            ClientCertificate(..) => certificate::CLIENT_REMEDY.into(),
            Login(_, remedy) => remedy.clone(),
            NotPermitted(subject) => format!("Allow the user to publish to (or subscribe to) {subject}."),
            NobodyAnswers(_) => "Enable what is asked for in the server, or log in to the account that has it.".into(),
            Answered(..) => "See the server's log.".into(),
            TooLarge(..) => "Limit the connection to some accounts.".into(),
            NoPage(..) => "Update the server, or correct the address.".into(),
            NotNats(..) => "Check the address: 4222 is the default for clients, 8222 for monitoring.".into(),
            Settings(_) => "Correct the connection's settings.".into(),
        }
    }
}

impl From<Failure> for CollectError {
    fn from(failure: Failure) -> CollectError {
        let (detail, remedy) = (failure.to_string(), failure.remedy());
        match failure {
            Failure::Lookup(_) | Failure::Refused(_) | Failure::Unreachable(..) => {
                CollectError::Unreachable { detail, remedy }
            }
            Failure::TimedOut(_) => CollectError::TimedOut { detail, remedy },
            Failure::Tls(..) | Failure::Certificate(..) | Failure::ClientCertificate(..) => {
                CollectError::Tls { detail, remedy }
            }
            Failure::Login(..) | Failure::NotPermitted(_) => CollectError::Login { detail, remedy },
            Failure::Settings(_) => CollectError::Settings { detail, remedy },
            Failure::NobodyAnswers(_)
            | Failure::Answered(..)
            | Failure::TooLarge(..)
            | Failure::NoPage(..)
            | Failure::Silent(_)
            | Failure::NotNats(..) => CollectError::NotThisSystem { detail, remedy },
        }
    }
}

/// As long as nobody has looked at which field the login came from.
fn login(why: String) -> Failure {
    Failure::Login(why, "Correct the login in the connection's settings.".into())
}

fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

/// The innermost reason, which says most.
fn deepest(error: &(dyn Error + 'static)) -> String {
    let last = causes(error).last().map(ToString::to_string).unwrap_or_default();
    last.trim_end_matches('.').to_string()
}

fn of_io(error: &(dyn Error + 'static), place: String, why: String) -> Failure {
    use std::io::ErrorKind;
    if let Some(failure) = of_tls(error, &place) {
        return failure;
    }
    let io = causes(error).filter_map(|cause| cause.downcast_ref::<std::io::Error>());
    match io.last().map(std::io::Error::kind) {
        Some(ErrorKind::ConnectionRefused) => Failure::Refused(place),
        Some(ErrorKind::TimedOut) => Failure::TimedOut(place),
        // What the client says of a first line that is no INFO.
        Some(ErrorKind::InvalidInput | ErrorKind::InvalidData) => Failure::NotNats(place, why),
        _ if why.contains("failed to lookup address") => Failure::Lookup(place),
        _ => Failure::Unreachable(place, why),
    }
}

/// An I/O error may wrap the TLS library's, and hides it from the chain of causes.
fn of_tls(error: &(dyn Error + 'static), place: &str) -> Option<Failure> {
    use rustls::Error as Tls;
    let inside = |cause: &'_ (dyn Error + 'static)| -> Option<Tls> {
        let wrapped = || cause.downcast_ref::<std::io::Error>()?.get_ref()?.downcast_ref::<Tls>();
        cause.downcast_ref::<Tls>().or_else(wrapped).cloned()
    };
    let place = place.to_string();
    Some(match causes(error).find_map(inside)? {
        // What a server answers that does not expect TLS looks like a corrupt record.
        Tls::InvalidMessage(_) => Failure::Tls(place, "it answers without TLS".into()),
        Tls::InvalidCertificate(why) => Failure::Certificate(place, certificate::objection(&why)),
        Tls::AlertReceived(alert) => match certificate::refusal(alert) {
            Some(why) => Failure::ClientCertificate(place, why),
            None => Failure::Tls(place, format!("the server says {alert:?}")),
        },
        other => Failure::Tls(place, other.to_string()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_failure_says_what_to_do() {
        let place = || "nats-1:4222".to_string();
        for failure in [
            Failure::Lookup(place()),
            Failure::Refused(place()),
            Failure::TimedOut(place()),
            login("wrong password".into()),
            Failure::NotPermitted("$JS.API.INFO".into()),
            Failure::NobodyAnswers("$JS.API.INFO".into()),
            Failure::NoPage(place(), "raftz".into()),
        ] {
            assert!(failure.remedy().ends_with('.'), "{failure:?}");
            assert!(failure.to_string().ends_with('.'), "{failure:?}");
        }
    }

    #[test]
    fn a_refused_permission_is_a_matter_of_the_login() {
        let error = CollectError::from(Failure::NotPermitted("$JS.API.INFO".into()));
        assert!(matches!(error, CollectError::Login { .. }), "{error:?}");
        assert!(error.remedy().contains("$JS.API.INFO"));
    }
}
