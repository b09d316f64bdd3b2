//! Why a login was refused, with the field that it came from: the server itself says no more than that it was.

use brokerscope_contract::Timestamp;
use brokerscope_figures::calendar::rfc3339;

use super::config::Login;
use super::credentials;
use super::failure::Failure;
use crate::jwt::{Claims, Lapse};

const NEW_FILE: &str = "paste it under \"Credentials file\".";

/// `why` is in the client's words. `farewell` is what the server said when it ended the connection before this one.
pub fn explained(login: &Login, why: &str, farewell: Option<&str>, now: Timestamp) -> Failure {
    let (why, remedy) = match login {
        Login::Nobody => (
            "the server wants one, and none is given".to_string(),
            "Choose under \"Login\" how the server knows its users.".to_string(),
        ),
        Login::Password { user, .. } => (
            format!("{why} (user {user})"),
            "Correct \"User\" and \"Password\".".into(),
        ),
        Login::Token(_) => (why.to_string(), "Correct \"Token\".".into()),
        Login::NkeySeed(_) => (
            why.to_string(),
            "Correct \"Nkey seed\", or let the server know the public key of that seed.".into(),
        ),
        Login::Credentials(file) => match credentials::claims(file) {
            Some(claims) => of_credentials(&claims, why, farewell, now),
            None => (why.to_string(), format!("Get a new .creds file and {NEW_FILE}")),
        },
    };
    Failure::Login(why, remedy)
}

fn of_credentials(claims: &Claims, why: &str, farewell: Option<&str>, now: Timestamp) -> (String, String) {
    let who = described(claims);
    match claims.lapse(now) {
        Some(Lapse::ExpiredSince(end)) => (
            format!("the credentials file of {who} is expired since {}", rfc3339(end.0)),
            format!(
                "Let the user be signed anew (nsc edit user --expiry), get its .creds file (nsc generate creds) and {NEW_FILE}"
            ),
        ),
        Some(Lapse::NotBefore(begin)) => (
            format!(
                "the credentials file of {who} is good only from {} on",
                rfc3339(begin.0)
            ),
            format!(
                "Compare the clock of this machine with that of whoever signed the file, or get another one and {NEW_FILE}"
            ),
        ),
        None if farewell.is_some_and(|said| said.contains("evoked")) => (
            format!("the server has revoked the credentials file of {who}"),
            format!(
                "If that was not meant (nsc revocations list-users), take the revocation back and push the account; else \
                 get the .creds file of a user who may watch and {NEW_FILE}"
            ),
        ),
        None => (
            format!("the server does not accept the credentials file of {who}, which is not expired ({why})"),
            format!(
                "Check that the account is one of this server's operator and was pushed to it, and that neither the \
                 account nor the user was revoked, deleted or made anew (nsc describe account, nsc revocations \
                 list-users); else get the right .creds file (nsc generate creds) and {NEW_FILE}"
            ),
        ),
    }
}

/// Public keys are no secrets, and are what NATS' own tools list.
fn described(claims: &Claims) -> String {
    let user = claims.sub.as_deref().unwrap_or("an unnamed user");
    match credentials::account(claims) {
        Some(account) => format!("user {user} of account {account}"),
        None => format!("user {user}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_names_the_field_and_no_secret() {
        let secret = "SECRET".to_string();
        for (login, field) in [
            (Login::Nobody, "\"Login\""),
            (
                Login::Password {
                    user: "app".into(),
                    password: secret.clone(),
                },
                "\"User\" and \"Password\"",
            ),
            (Login::Token(secret.clone()), "\"Token\""),
            (Login::NkeySeed(secret.clone()), "\"Nkey seed\""),
            (Login::Credentials(secret), "\"Credentials file\""),
        ] {
            let failure = explained(&login, "refused", None, Timestamp(0));
            assert!(failure.remedy().contains(field), "{failure:?}");
            assert!(!format!("{failure:?}").contains("SECRET"), "{failure:?}");
        }
    }
}
