//! What is wrong with a certificate, in words: the broker's as we see it, and ours as the broker sees it.

use rustls::{AlertDescription, CertificateError};

/// What to do when a broker refuses ours; the same for every system.
pub const CLIENT_REMEDY: &str = "Give a client certificate and its key that an authority trusted by the broker has signed, and that have not expired.";

/// Why the broker's certificate is not accepted.
pub fn objection(error: &CertificateError) -> String {
    match error {
        CertificateError::UnknownIssuer => "it was signed by an authority that is not known here".into(),
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => "it has expired".into(),
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            "it is not valid yet; compare the clocks".into()
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            "it was made for another host name".into()
        }
        other => other.to_string(),
    }
}

/// What the broker holds against our certificate, where it ended the handshake for that. In TLS 1.3 it says so only after
/// the handshake, and some say of a missing certificate that it is a bad one.
pub fn refusal(alert: AlertDescription) -> Option<&'static str> {
    use AlertDescription as Alert;
    match alert {
        Alert::CertificateRequired | Alert::NoCertificate => Some("it wants a client certificate, and got none"),
        Alert::UnknownCA => Some("it does not know the authority that signed the client certificate"),
        Alert::CertificateExpired => Some("the client certificate has expired"),
        Alert::CertificateRevoked => Some("the client certificate is revoked"),
        Alert::BadCertificate | Alert::CertificateUnknown | Alert::UnsupportedCertificate | Alert::AccessDenied => {
            Some("it wants a client certificate that it trusts")
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_alerts_about_certificates_are_about_ours() {
        assert!(refusal(AlertDescription::CertificateRequired).is_some());
        assert!(refusal(AlertDescription::BadCertificate).is_some());
        assert_eq!(refusal(AlertDescription::ProtocolVersion), None);
        assert_eq!(refusal(AlertDescription::HandshakeFailure), None);
    }
}
