//! Why a service beside the brokers gave no answer, and what that means to a person.

use brokerscope_contract::Absence;
use serde::Deserialize;

use crate::certificate;
use crate::excerpt::shortened;
use crate::transport::Transport;

/// What went wrong; the first text is always the address that was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    #[error("{0} {1}")]
    Transport(String, Transport),
    #[error("{0} asks for a login")]
    LoginMissing(String),
    #[error("{0} refused the login")]
    LoginRefused(String),
    /// Logged in, but this question is not for this login. Holds the service's reason.
    #[error("{0} does not permit it: {1}")]
    NotPermitted(String, String),
    /// The service does not know the question, or what was asked about. Holds the service's reason.
    #[error("{0} does not know it: {1}")]
    Unknown(String, String),
    #[error("{0} redirects to {1}")]
    Redirected(String, String),
    /// A status that fits nothing above, and what the body says.
    #[error("{0} answered with status {1}{2}")]
    Status(String, u16, String),
    #[error("{0} answered with more than {1} MB")]
    TooLarge(String, u64),
    /// Holds the service's name and what came instead.
    #[error("what {0} answers is not what {1} says: {2}")]
    AnotherService(String, &'static str, String),
    /// The settings cannot be used; nothing was asked.
    #[error("the settings for {0} cannot be used: {1}")]
    Settings(String, String),
}

/// The body of an error, which both services write the same way.
#[derive(Debug, Default, Deserialize)]
struct Explanation {
    #[serde(default)]
    message: Option<String>,
}

impl Failure {
    pub fn timed_out(place: &str) -> Failure {
        Failure::Transport(place.into(), Transport::TimedOut)
    }

    /// From an answer whose status is no success. `with_login`: one was sent.
    pub fn of_status(status: u16, body: &[u8], place: &str, location: Option<&str>, with_login: bool) -> Failure {
        let said: Explanation = serde_json::from_slice(body).unwrap_or_default();
        let reason = said
            .message
            .as_deref()
            .map(shortened)
            .filter(|reason| !reason.is_empty());
        let place = place.to_string();
        match status {
            300..=399 => Failure::Redirected(place, location.unwrap_or("elsewhere").into()),
            401 if with_login => Failure::LoginRefused(place),
            401 => Failure::LoginMissing(place),
            403 => Failure::NotPermitted(place, reason.unwrap_or_else(|| "status 403".into())),
            404 | 405 => Failure::Unknown(place, reason.unwrap_or_else(|| format!("status {status}"))),
            _ => {
                let reason = reason.map(|reason| format!(": {reason}")).unwrap_or_default();
                Failure::Status(place, status, reason)
            }
        }
    }

    /// What to do about it.
    pub fn remedy(&self) -> String {
        match self {
            Failure::Transport(_, reason) => remedy(reason).into(),
            Failure::LoginMissing(_) => "Fill in the fields for its login.".into(),
            Failure::LoginRefused(_) => "Check the fields for its login.".into(),
            Failure::NotPermitted(..) => "Permit this login to read.".into(),
            Failure::Unknown(..) => "Check the address with its path; older versions know fewer questions.".into(),
            Failure::Redirected(_, target) => format!("If {target} is the service, use that address."),
            Failure::Status(..) => "Look into the service's log.".into(),
            Failure::TooLarge(..) => "Check the address: no answer of this service should be that large.".into(),
            Failure::AnotherService(_, name, _) => format!("Check the address: it must be that of {name}."),
            Failure::Settings(..) => "Check the fields for certificates.".into(),
        }
    }

    /// How what was asked for is absent.
    pub fn absence(&self) -> Absence {
        match self {
            Failure::LoginMissing(_) | Failure::LoginRefused(_) | Failure::NotPermitted(..) => Absence::NotPermitted,
            Failure::Unknown(..) => Absence::NotSupported,
            _ => Absence::Failed,
        }
    }

    /// Whether another address of the same service may do better.
    pub fn is_about_the_address(&self) -> bool {
        self.absence() == Absence::Failed
    }
}

/// What to do about a service that could not be asked.
fn remedy(reason: &Transport) -> &'static str {
    match reason {
        Transport::Lookup => "Check the spelling of the host, and that this machine's name service knows it.",
        Transport::Refused => "Check the port, and that the service runs.",
        Transport::Unreachable(_) => "Check the network between this machine and the service: routes, firewalls, VPN.",
        Transport::TimedOut => "Check firewalls and the load of the service.",
        Transport::NoTls => "Use http:// for this port, or the port on which the service speaks TLS.",
        Transport::Certificate(_) => {
            "Give the certificate of the authority that signed it, and use the host name that the certificate was \
             made for."
        }
        Transport::Handshake(_) => {
            "Check that the port speaks TLS 1.2 or later, and whether it asks for a client certificate."
        }
        Transport::ClientCertificate(_) => certificate::CLIENT_REMEDY,
        Transport::NoHttp => "Check the port: it may speak TLS (then use https://), or belong to a broker itself.",
        Transport::Broken => "Look into the service's log, and at proxies between this machine and the service.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_status_is_told_in_the_services_own_words() {
        let of = |status, body: &str, login| Failure::of_status(status, body.as_bytes(), "a:1", Some("b:2"), login);
        for (failure, text, absence) in [
            (of(401, "", false), "a:1 asks for a login", Absence::NotPermitted),
            (of(401, "", true), "a:1 refused the login", Absence::NotPermitted),
            (
                of(
                    403,
                    r#"{"error_code":403,"message":"Topic tracking is disabled."}"#,
                    true,
                ),
                "a:1 does not permit it: Topic tracking is disabled.",
                Absence::NotPermitted,
            ),
            (
                of(404, r#"{"error_code":40401,"message":"Subject not found."}"#, true),
                "a:1 does not know it: Subject not found.",
                Absence::NotSupported,
            ),
            (of(302, "", true), "a:1 redirects to b:2", Absence::Failed),
            (of(500, "<html>", true), "a:1 answered with status 500", Absence::Failed),
        ] {
            assert_eq!((failure.to_string().as_str(), failure.absence()), (text, absence));
            assert!(!failure.remedy().is_empty());
        }
    }
}
