//! TLS by rustls, with the settings that librdkafka gets as well.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::{CertificateError, ClientConfig, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use super::super::config::{Address, Tls};
use super::super::wire::Trouble;

pub async fn wrap(tls: &Tls, address: &Address, tcp: TcpStream) -> Result<TlsStream<TcpStream>, Trouble> {
    let name = ServerName::try_from(address.host.clone()).map_err(|error| refused(&error))?;
    let config = client_config(tls)?;
    TlsConnector::from(Arc::new(config))
        .connect(name, tcp)
        .await
        .map_err(|error| refused(&error))
}

fn client_config(tls: &Tls) -> Result<ClientConfig, Trouble> {
    // Named here, never the process's default: a library must not depend on what the binary has installed.
    let provider = Arc::new(aws_lc_rs::default_provider());
    let roots = Arc::new(roots(tls)?);
    let verifier = WebPkiServerVerifier::builder_with_provider(roots, Arc::clone(&provider))
        .build()
        .map_err(|error| refused(&error))?;
    let verifier: Arc<dyn ServerCertVerifier> = if tls.check_hostname {
        verifier
    } else {
        Arc::new(AnyName(verifier))
    };
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| refused(&error))?
        .dangerous()
        .with_custom_certificate_verifier(verifier);
    match (&tls.certificate, &tls.key) {
        (Some(certificate), Some(key)) => builder
            .with_client_auth_cert(certificates(certificate)?, private_key(key)?)
            .map_err(|error| refused(&error)),
        _ => Ok(builder.with_no_client_auth()),
    }
}

fn roots(tls: &Tls) -> Result<RootCertStore, Trouble> {
    let mut store = RootCertStore::empty();
    let trusted = match &tls.ca {
        Some(pem) => certificates(pem)?,
        // What could not be read of the system's store is left out: the rest may be all that is needed.
        None => rustls_native_certs::load_native_certs().certs,
    };
    store.add_parsable_certificates(trusted);
    Ok(store)
}

fn certificates(pem: &str) -> Result<Vec<CertificateDer<'static>>, Trouble> {
    CertificateDer::pem_slice_iter(pem.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|error| refused(&error))
}

fn private_key(pem: &str) -> Result<PrivateKeyDer<'static>, Trouble> {
    if pem.contains("ENCRYPTED") {
        // librdkafka's _UNSUPPORTED_FEATURE.
        return Err(Trouble::new(
            -165,
            "the client key is encrypted, which only the other client can read",
        ));
    }
    PrivateKeyDer::from_pem_slice(pem.as_bytes()).map_err(|error| refused(&error))
}

fn refused(error: &dyn std::fmt::Display) -> Trouble {
    // librdkafka's _SSL.
    Trouble::new(-181, format!("TLS failed: {error}"))
}

/// Checks everything about a certificate but the name in it, as the switch "check host names" off wants.
#[derive(Debug)]
struct AnyName(Arc<WebPkiServerVerifier>);

impl ServerCertVerifier for AnyName {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        // The name is checked last, so a certificate that fails by its name only has passed everything else.
        match self
            .0
            .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
        {
            Err(Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
            )) => Ok(ServerCertVerified::assertion()),
            checked => checked,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls12_signature(message, cert, dss)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.0.verify_tls13_signature(message, cert, dss)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}
