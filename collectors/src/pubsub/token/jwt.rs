//! Signs what a service account says about itself: a JSON web token by RS256, as Google's OAuth 2.0 asks for.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{RSA_PKCS1_SHA256, RsaKeyPair};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use brokerscope_contract::Timestamp;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem::PemObject;
use serde_json::json;

use crate::pubsub::credentials::ServiceAccount;
use crate::pubsub::failure::Failure;

/// To read what there is, and the figures. Google has no narrower scope for Pub/Sub; the roles limit what it may do.
pub const SCOPES: &str = "https://www.googleapis.com/auth/pubsub https://www.googleapis.com/auth/monitoring.read";
/// The longest that Google accepts.
const LIFETIME_SECONDS: i64 = 3_600;

/// The key behind a PEM text. The error says nothing of its contents.
pub fn key(pem: &str) -> Result<RsaKeyPair, Failure> {
    let unusable = |why: &str| Failure::Key(why.into());
    let der = PrivatePkcs8KeyDer::from_pem_slice(pem.as_bytes())
        .map_err(|_| unusable("private_key holds no private key in PEM form"))?;
    RsaKeyPair::from_pkcs8(der.secret_pkcs8_der()).map_err(|_| unusable("private_key is not an RSA key"))
}

/// The token that is handed in for an access token, as of `at`.
pub fn assertion(account: &ServiceAccount, at: Timestamp) -> Result<String, Failure> {
    let key = key(&account.private_key)?;
    let issued = at.0.div_euclid(1_000);
    let header = json!({"alg": "RS256", "typ": "JWT", "kid": account.key_id});
    let claims = json!({
        "iss": account.email,
        "scope": SCOPES,
        "aud": account.token_url.as_str(),
        "iat": issued,
        "exp": issued + LIFETIME_SECONDS,
    });
    let encode = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", encode(header), encode(claims));
    let mut signature = vec![0; key.public_modulus_len()];
    key.sign(
        &RSA_PKCS1_SHA256,
        &SystemRandom::new(),
        signed.as_bytes(),
        &mut signature,
    )
    .map_err(|_| Failure::Key("it does not sign".into()))?;
    Ok(format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature)))
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::encoding::AsDer;
    use aws_lc_rs::rsa::KeySize;
    use aws_lc_rs::signature::{KeyPair, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey};
    use base64::engine::general_purpose::STANDARD;
    use reqwest::Url;

    use super::*;

    /// A key made for this run, with its PEM form.
    fn fresh() -> (RsaKeyPair, String) {
        let key = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let der = AsDer::<aws_lc_rs::encoding::Pkcs8V1Der>::as_der(&key).unwrap();
        let pem = format!(
            "-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n",
            STANDARD.encode(der.as_ref())
        );
        (key, pem)
    }

    #[test]
    fn an_assertion_is_signed_by_the_key_and_says_who_when_and_what_for() {
        let (key, pem) = fresh();
        let account = ServiceAccount {
            email: "watch@shop.iam.gserviceaccount.com".into(),
            key_id: "k1".into(),
            private_key: pem,
            token_url: Url::parse("https://oauth2.googleapis.com/token").unwrap(),
        };
        let token = assertion(&account, Timestamp(1_795_449_845_123)).unwrap();
        let parts: Vec<&str> = token.split('.').collect();
        let decode = |part: &str| URL_SAFE_NO_PAD.decode(part).unwrap();
        let public = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.public_key().as_ref());
        let signed = format!("{}.{}", parts[0], parts[1]);
        assert!(public.verify(signed.as_bytes(), &decode(parts[2])).is_ok());
        let claims: serde_json::Value = serde_json::from_slice(&decode(parts[1])).unwrap();
        assert_eq!(
            (claims["iat"].as_i64(), claims["exp"].as_i64()),
            (Some(1_795_449_845), Some(1_795_453_445))
        );
        assert_eq!(claims["aud"], "https://oauth2.googleapis.com/token");
        assert_eq!(claims["iss"], "watch@shop.iam.gserviceaccount.com");
    }

    #[test]
    fn an_unusable_key_is_refused_without_repeating_it() {
        for pem in [
            "",
            "hunter2",
            "-----BEGIN PRIVATE KEY-----\naHVudGVyMg==\n-----END PRIVATE KEY-----\n",
        ] {
            let failure = key(pem).map(|_| ()).unwrap_err();
            assert!(matches!(failure, Failure::Key(_)), "{failure}");
            assert!(!failure.to_string().contains("hunter2") && !failure.to_string().contains("aHVu"));
        }
    }
}
