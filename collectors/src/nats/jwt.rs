//! How long a credentials file is good for, as its JWT says: a server refuses an expired login in the words of a wrong
//! one.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use brokerscope_contract::Timestamp;
use serde::Deserialize;

const BEGIN: &str = "-----BEGIN NATS USER JWT-----";

#[derive(Deserialize)]
struct Claims {
    /// Seconds since the epoch; 0 or missing is for ever.
    #[serde(default)]
    exp: i64,
}

/// The end of the JWT's life; `None` for one without an end, or that cannot be read.
pub fn valid_until(credentials: &str) -> Option<Timestamp> {
    let (_, rest) = credentials.split_once(BEGIN)?;
    let jwt = rest.split_whitespace().next()?;
    let claims = URL_SAFE_NO_PAD.decode(jwt.split('.').nth(1)?).ok()?;
    let claims: Claims = serde_json::from_slice(&claims).ok()?;
    (claims.exp > 0).then_some(Timestamp(claims.exp.saturating_mul(1_000)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(claims: &str) -> String {
        let claims = URL_SAFE_NO_PAD.encode(claims);
        format!("{BEGIN}\neyJ0eXAiOiJKV1QifQ.{claims}.c2ln\n------END NATS USER JWT------\n")
    }

    #[test]
    fn the_end_is_read_from_the_claims() {
        assert_eq!(
            valid_until(&file(r#"{"exp":1767225600,"name":"b"}"#)),
            Some(Timestamp(1_767_225_600_000))
        );
        for endless in [
            file(r#"{"name":"b"}"#),
            file(r#"{"exp":0}"#),
            file("no claims"),
            String::new(),
        ] {
            assert_eq!(valid_until(&endless), None, "{endless}");
        }
    }
}
