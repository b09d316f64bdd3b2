//! TLS by rustls, with the settings that librdkafka gets as well.

use std::sync::Arc;
use std::time::Duration;

use pkcs8::{EncryptedPrivateKeyInfo, SecretDocument};
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{WebPkiServerVerifier, verify_server_name};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::super::config::{Address, Config, Tls};
use super::super::wire::Trouble;
use crate::certificate;

pub async fn wrap(tls: &Tls, address: &Address, tcp: TcpStream) -> Result<TlsStream<TcpStream>, Trouble> {
    let name = ServerName::try_from(address.host.clone()).map_err(|error| refused(&error))?;
    let config = client_config(tls)?;
    TlsConnector::from(Arc::new(config))
        .connect(name, tcp)
        .await
        .map_err(|error| refused(&error))
}

/// What is wrong with the certificate of a broker, which librdkafka does not tell. `None` when nothing is found to be.
pub async fn objection(config: &Config, address: &Address, patience: Duration) -> Option<String> {
    let name = ServerName::try_from(address.host.clone()).ok()?;
    let connector = TlsConnector::from(Arc::new(client_config(config.tls.as_ref()?).ok()?));
    let attempt = async {
        let tcp = TcpStream::connect((address.host.as_str(), address.port)).await.ok()?;
        connector.connect(name, tcp).await.err()
    };
    let error = timeout(patience, attempt).await.ok()??;
    match error.get_ref()?.downcast_ref::<Error>()? {
        Error::InvalidCertificate(why) => Some(certificate::objection(why)),
        _ => None,
    }
}

fn client_config(tls: &Tls) -> Result<ClientConfig, Trouble> {
    // Named here, never the process's default: a library must not depend on what the binary has installed.
    let provider = Arc::new(aws_lc_rs::default_provider());
    let trusted = match &tls.ca {
        Some(pem) => certificates(pem)?,
        // What could not be read of the system's store is left out: the rest may be all that is needed.
        None => rustls_native_certs::load_native_certs().certs,
    };
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(trusted.iter().cloned());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
        .build()
        .map_err(|error| refused(&error))?;
    let verifier = Arc::new(Verifier {
        inner: verifier,
        trusted: tls.ca.iter().flat_map(|_| trusted.iter().cloned()).collect(),
        check_hostname: tls.check_hostname,
    });
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| refused(&error))?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    match (&tls.certificate, &tls.key) {
        (Some(certificate), Some(key)) => builder
            .with_client_auth_cert(
                certificates(certificate)?,
                private_key(key, tls.key_password.as_deref())?,
            )
            .map_err(|error| refused(&error)),
        _ => Ok(builder.with_no_client_auth()),
    }
}

fn certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, Trouble> {
    CertificateDer::pem_slice_iter(pem.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|error| refused(&error))
}

fn private_key(pem: &str, password: Option<&str>) -> Result<PrivateKeyDer<'static>, Trouble> {
    // librdkafka's _UNSUPPORTED_FEATURE.
    let unsupported = |what: &str| Trouble::new(-165, what);
    if pem.contains("Proc-Type: 4,ENCRYPTED") {
        return Err(unsupported(
            "the client key is encrypted in an old way; convert it to PKCS #8 to see groups",
        ));
    }
    if !pem.contains("ENCRYPTED PRIVATE KEY") {
        return PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|error| refused(&error));
    }
    let start = pem.find("-----BEGIN ENCRYPTED PRIVATE KEY").unwrap_or_default();
    let (_, document) = SecretDocument::from_pem(pem[start..].trim_end()).map_err(|error| refused(&error))?;
    let encrypted = EncryptedPrivateKeyInfo::try_from(document.as_bytes()).map_err(|error| refused(&error))?;
    let key = encrypted
        .decrypt(password.unwrap_or_default())
        .map_err(|_| refused(&"the key password does not fit the client key"))?;
    Ok(PrivatePkcs8KeyDer::from(key.as_bytes().to_vec()).into())
}

fn refused(error: &dyn std::fmt::Display) -> Trouble {
    // librdkafka's _SSL.
    Trouble::new(-181, format!("TLS failed: {error}"))
}

/// Checks certificates as librdkafka does with the same settings.
#[derive(Debug)]
struct Verifier {
    inner: Arc<WebPkiServerVerifier>,
    /// The certificates from the settings.
    trusted: Vec<CertificateDer<'static>>,
    check_hostname: bool,
}

impl ServerCertVerifier for Verifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        // A broker's own self-signed certificate, pasted as the authority: there is no chain to check. Its date is
        // checked by librdkafka, which has connected before.
        if self.trusted.iter().any(|trusted| trusted == end_entity) {
            if self.check_hostname {
                verify_server_name(&ParsedCertificate::try_from(end_entity)?, server_name)?;
            }
            return Ok(ServerCertVerified::assertion());
        }
        // The name is checked last, so a certificate that fails by its name only has passed everything else.
        match self
            .inner
            .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
        {
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) if !self.check_hostname => Ok(ServerCertVerified::assertion()),
            checked => checked,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}
