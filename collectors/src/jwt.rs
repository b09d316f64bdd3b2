//! What a JSON web token says of itself: brokers refuse an expired one in the words of a wrong one.
//!
//! Nothing is verified here. That is the broker's business; this is for sentences about a refusal.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use brokerscope_contract::Timestamp;
use serde::Deserialize;
use serde_json::Value;

/// The claims that brokers of all systems use.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(default)]
pub struct Claims {
    /// Whom it is about.
    pub sub: Option<String>,
    /// Who signed it.
    pub iss: Option<String>,
    /// Seconds since the epoch, by some issuers with a fraction; 0 or missing is for ever.
    exp: Option<f64>,
    /// The same; 0 or missing is from the beginning.
    nbf: Option<f64>,
    /// What only NATS says.
    pub nats: Value,
}

/// Why a token is no good at some time, whoever signed it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lapse {
    ExpiredSince(Timestamp),
    NotBefore(Timestamp),
}

impl Claims {
    /// `None` for what is no token.
    pub fn of(token: &str) -> Option<Claims> {
        let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1)?).ok()?;
        serde_json::from_slice(&claims).ok()
    }

    /// Whether the token itself says that it is no good at `now`.
    pub fn lapse(&self, now: Timestamp) -> Option<Lapse> {
        let expired = moment(self.exp).filter(|end| *end <= now).map(Lapse::ExpiredSince);
        let early = moment(self.nbf).filter(|begin| *begin > now).map(Lapse::NotBefore);
        expired.or(early)
    }
}

fn moment(seconds: Option<f64>) -> Option<Timestamp> {
    let seconds = seconds.filter(|seconds| seconds.is_finite() && *seconds > 0.0)?;
    // A cast of floats stops at the largest number.
    Some(Timestamp((seconds * 1_000.0) as i64))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(claims: &str) -> String {
        format!("eyJ0eXAiOiJKV1QifQ.{}.c2ln", URL_SAFE_NO_PAD.encode(claims))
    }

    #[test]
    fn a_token_says_when_it_is_good() {
        let at = |seconds: i64| Timestamp(seconds * 1_000);
        for (claims, now, expected) in [
            (r#"{"exp":100}"#, 99, None),
            (r#"{"exp":100}"#, 100, Some(Lapse::ExpiredSince(at(100)))),
            (
                r#"{"exp":100.5,"nbf":0}"#,
                101,
                Some(Lapse::ExpiredSince(Timestamp(100_500))),
            ),
            (r#"{"nbf":100}"#, 99, Some(Lapse::NotBefore(at(100)))),
            (r#"{"nbf":100}"#, 100, None),
            (r#"{"exp":0,"sub":"reader"}"#, 100, None),
            ("{}", 100, None),
        ] {
            let claims = Claims::of(&token(claims)).unwrap_or_else(|| panic!("{claims}"));
            assert_eq!(claims.lapse(at(now)), expected, "{claims:?}");
        }
    }

    #[test]
    fn what_is_no_token_has_no_claims() {
        for text in [
            "",
            "secret",
            "a.b",
            "a.!.c",
            &token("no claims"),
            &token(r#"{"exp":"soon"}"#),
        ] {
            assert_eq!(Claims::of(text), None, "{text}");
        }
        assert_eq!(
            Claims::of(&token(r#"{"sub":"reader"}"#)).unwrap().sub.as_deref(),
            Some("reader")
        );
    }
}
