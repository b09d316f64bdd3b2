//! How HTTP connections to brokers are encrypted: read from the settings and checked.

use crate::given::Given;

#[derive(Clone, PartialEq, Eq, Default)]
pub struct Tls {
    /// PEM, trusted beside the system's authorities.
    pub ca: Option<String>,
    /// PEM of certificate and key, one after the other.
    pub identity: Option<String>,
    /// Accept any certificate.
    pub insecure: bool,
}

pub fn read(given: &mut Given<'_>) -> Tls {
    read_prefixed(given, "")
}

/// The same from fields whose keys begin with `prefix`, of what is asked beside the brokers.
pub fn read_prefixed(given: &mut Given<'_>, prefix: &str) -> Tls {
    let [ca_certificate, client_certificate, client_key, insecure] =
        ["ca_certificate", "client_certificate", "client_key", "tls_insecure"].map(|key| format!("{prefix}{key}"));
    let ca = given.text(&ca_certificate);
    if let Some(pem) = &ca {
        let read = reqwest::Certificate::from_pem_bundle(pem.as_bytes());
        if !read.is_ok_and(|certificates| !certificates.is_empty()) {
            given.wrong(
                &ca_certificate,
                "holds no certificate in PEM form",
                "Paste the whole file, from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----.",
            );
        }
    }
    let identity = match (given.text(&client_certificate), given.text(&client_key)) {
        (None, None) => None,
        (Some(certificate), Some(key)) => Some(format!("{}\n{}\n", certificate.trim(), key.trim())),
        (Some(_), None) => {
            given.wrong(
                &client_key,
                "is missing beside the client certificate",
                "Paste the private key that belongs to the certificate.",
            );
            None
        }
        (None, Some(_)) => {
            given.wrong(
                &client_certificate,
                "is missing beside the client key",
                "Paste the certificate that belongs to the key, or remove the key.",
            );
            None
        }
    };
    if identity
        .as_ref()
        .is_some_and(|pem| reqwest::Identity::from_pem(pem.as_bytes()).is_err())
    {
        given.wrong(
            &client_certificate,
            "and the client key are not a certificate and an unencrypted private key in PEM form",
            "Paste the whole files with their BEGIN and END lines.",
        );
    }
    Tls {
        ca,
        identity,
        insecure: given.switch(&insecure, false),
    }
}
