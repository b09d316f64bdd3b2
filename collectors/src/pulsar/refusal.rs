//! Why a login was refused: brokers answer to a missing, a wrong and an expired one in the same words.

use std::fmt;

use brokerscope_contract::Timestamp;
use brokerscope_figures::calendar::rfc3339;

use super::config::Login;
use crate::jwt::{Claims, Lapse};

/// A refused login. Never holds the login itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    pub why: Why,
    /// The broker's own reason, which most versions keep to themselves.
    pub said: Option<String>,
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.said {
            Some(said) => write!(f, "{}; the broker says: {said}", self.why),
            None => self.why.fmt(f),
        }
    }
}

/// What is wrong with the login, as far as that can be known here.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// Nobody has looked at the login yet.
    #[error("no valid login was given")]
    Unknown,
    #[error("the broker wants one, and none is given")]
    NoLogin,
    #[error("the broker does not accept the password of user {0}")]
    Password(String),
    #[error("the broker does not accept what is given as token, which is no JSON web token")]
    NoToken,
    #[error("the token of role {0} is expired since {1}")]
    Expired(String, String),
    #[error("the token of role {0} is good only from {1} on")]
    NotYet(String, String),
    #[error("the broker does not accept the token of role {0}, which is not expired")]
    Signature(String),
}

impl Why {
    /// `now` is the broker's time where it is known, because it is the broker that compares.
    pub fn of(login: &Login, now: Timestamp) -> Why {
        let token = match login {
            Login::None => return Why::NoLogin,
            Login::Basic { user, .. } => return Why::Password(user.clone()),
            Login::Token(token) => token,
        };
        let Some(claims) = Claims::of(token) else {
            return Why::NoToken;
        };
        let lapse = claims.lapse(now);
        let role = claims.sub.unwrap_or_else(|| "(none)".into());
        match lapse {
            Some(Lapse::ExpiredSince(end)) => Why::Expired(role, rfc3339(end.0)),
            Some(Lapse::NotBefore(begin)) => Why::NotYet(role, rfc3339(begin.0)),
            None => Why::Signature(role),
        }
    }

    pub fn remedy(&self) -> &'static str {
        match self {
            Why::Unknown => {
                "Check the login: the token may have expired or be signed with another key (pulsar tokens validate), \
                 or the broker wants another kind of login."
            }
            Why::NoLogin => {
                "Choose \"Token\" or \"User and password\" under \"Login\", or give a \"Client certificate\", whichever the \
                 brokers' authenticationProviders are for."
            }
            Why::Password(_) => "Correct \"User\" and \"Password\".",
            Why::NoToken => {
                "Paste under \"Token\" what pulsar tokens create prints: three parts with dots between them."
            }
            Why::Expired(..) => {
                "Make a new one (pulsar tokens create --subject ROLE --expiry-time 1y) and paste it under \"Token\"."
            }
            Why::NotYet(..) => {
                "Compare the broker's clock with that of whoever made the token, or paste another one under \"Token\"."
            }
            Why::Signature(_) => {
                "Paste under \"Token\" one that is signed with the brokers' key (tokenSecretKey or tokenPublicKey in \
                 their configuration) and, where they ask for one, for their audience: pulsar tokens validate tells. \
                 Else the brokers want another kind of login."
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::engine::general_purpose::URL_SAFE_NO_PAD;

    use super::*;

    #[test]
    fn the_token_itself_says_most() {
        let token = |claims: &str| {
            let claims = URL_SAFE_NO_PAD.encode(claims);
            Login::Token(format!("eyJhbGciOiJIUzI1NiJ9.{claims}.SIGNATURE"))
        };
        let basic = Login::Basic {
            user: "till".into(),
            password: "SIGNATURE".into(),
        };
        for (login, words, field) in [
            (Login::None, "none is given", "\"Login\""),
            (basic, "user till", "\"Password\""),
            (Login::Token("SIGNATURE".into()), "no JSON web token", "\"Token\""),
            (
                token(r#"{"sub":"a","exp":100}"#),
                "role a is expired since 1970-01-01T00:01:40Z",
                "\"Token\"",
            ),
            (
                token(r#"{"sub":"a","nbf":900}"#),
                "only from 1970-01-01T00:15:00Z on",
                "\"Token\"",
            ),
            (
                token(r#"{"sub":"a","exp":900}"#),
                "does not accept the token of role a",
                "\"Token\"",
            ),
            (token("{}"), "role (none)", "\"Token\""),
        ] {
            let why = Why::of(&login, Timestamp(500_000));
            assert!(why.to_string().contains(words), "{why}");
            assert!(why.remedy().contains(field), "{why:?}");
            assert!(!format!("{why:?} {why}").contains("SIGNATURE"), "{why:?}");
        }
    }
}
