//! Gets access tokens, keeps them while they last, and explains why there is none.

pub mod jwt;

use std::time::Duration;

use brokerscope_contract::Timestamp;
use brokerscope_figures::format::duration;
use reqwest::header::CONTENT_TYPE;
use reqwest::{RequestBuilder, Url};
use tokio::time::Instant;

use super::client::{Client, place};
use super::credentials::{Credentials, ServiceAccount};
use super::failure::Failure;
use super::wire::TokenAnswer;
use crate::excerpt::shortened;

/// A token is not used in its last minutes: a request under way must not outlive it.
const SPARE: Duration = Duration::from_secs(300);
/// Google's clock may differ from ours by this much without being worth a word.
pub const TOLERATED_SKEW_SECONDS: f64 = 60.0;

/// Not `Debug`: it is a secret.
#[derive(Clone)]
pub struct Token {
    pub value: String,
    /// Not after this; on the clock that nobody can set.
    pub until: Instant,
}

/// A new token, whatever there was before.
pub async fn get(client: &Client, credentials: &Credentials) -> Result<Option<Token>, Failure> {
    let answer = match credentials {
        Credentials::Anonymous => return Ok(None),
        Credentials::Metadata(root) => of_metadata(client, root).await?,
        Credentials::User {
            client_id,
            client_secret,
            refresh_token,
            token_url,
        } => {
            let form = [
                ("grant_type", "refresh_token"),
                ("client_id", client_id),
                ("client_secret", client_secret),
                ("refresh_token", refresh_token),
            ];
            ask(client, posted(client, token_url, &form), token_url).await?
        }
        Credentials::ServiceAccount(account) => of_account(client, account).await?,
    };
    token(answer).map(Some)
}

fn token(answer: TokenAnswer) -> Result<Token, Failure> {
    let Some(value) = answer.access_token.filter(|value| !value.is_empty()) else {
        return Err(refused(&answer.error, &answer.error_description));
    };
    let lasts = Duration::from_secs(u64::try_from(answer.expires_in.unwrap_or(3_600)).unwrap_or(0));
    Ok(Token {
        value,
        until: Instant::now() + lasts.saturating_sub(SPARE.min(lasts / 2)),
    })
}

/// Signed by Google's own clock where it is known, so that a wrong clock here is told and does no harm.
async fn of_account(client: &Client, account: &ServiceAccount) -> Result<TokenAnswer, Failure> {
    let trusted = client.google_time().is_some();
    let answer = exchange(client, account, client.now()).await?;
    if !is_about_the_time(&answer) {
        return Ok(answer);
    }
    // The refusal carried Google's time.
    let Some(time) = client.google_time().filter(|_| !trusted) else {
        return Err(clock(client.skew_seconds()));
    };
    let again = exchange(client, account, time).await?;
    match is_about_the_time(&again) {
        true => Err(clock(client.skew_seconds())),
        false => Ok(again),
    }
}

async fn exchange(client: &Client, account: &ServiceAccount, at: Timestamp) -> Result<TokenAnswer, Failure> {
    let assertion = jwt::assertion(account, at)?;
    let form = [
        ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
        ("assertion", assertion.as_str()),
    ];
    ask(client, posted(client, &account.token_url, &form), &account.token_url).await
}

/// "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe. Check your iat ..."
fn is_about_the_time(answer: &TokenAnswer) -> bool {
    let said = answer.error_description.as_deref().unwrap_or_default();
    answer.access_token.is_none() && (said.contains("timeframe") || said.contains("iat"))
}

/// How far off a clock is, in words.
pub fn skew(seconds: f64) -> String {
    let side = if seconds > 0.0 { "behind" } else { "ahead of" };
    format!("{} {side} Google's", duration(seconds.abs()))
}

fn clock(seconds: Option<f64>) -> Failure {
    match seconds.filter(|seconds| seconds.abs() > TOLERATED_SKEW_SECONDS) {
        Some(seconds) => Failure::Clock(skew(seconds)),
        None => Failure::Clock("not set to the right time".into()),
    }
}

async fn of_metadata(client: &Client, root: &Url) -> Result<TokenAnswer, Failure> {
    let mut url = root.clone();
    url.set_path(&format!(
        "{}computeMetadata/v1/instance/service-accounts/default/token",
        root.path()
    ));
    url.query_pairs_mut().append_pair("scopes", jwt::SCOPES);
    let request = client.direct().get(url).header("Metadata-Flavor", "Google");
    match ask(client, request, root).await {
        Err(Failure::Lookup(_) | Failure::Refused(_) | Failure::Unreachable(..) | Failure::TimedOut(_)) => {
            Err(Failure::NoMetadata(place(root)))
        }
        Err(Failure::Status(_, 404, _)) => Err(Failure::NoMetadata(place(root))),
        answer => answer,
    }
}

fn posted(client: &Client, url: &Url, form: &[(&str, &str)]) -> RequestBuilder {
    // The encoding of a form is that of a query.
    let mut encoded = url.clone();
    encoded.query_pairs_mut().clear().extend_pairs(form);
    let body = encoded.query().unwrap_or_default().to_string();
    client
        .http()
        .post(url.clone())
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(body)
}

async fn ask(client: &Client, request: RequestBuilder, url: &Url) -> Result<TokenAnswer, Failure> {
    let place = place(url);
    let answer = client.send(request, &place).await?;
    let read: Option<TokenAnswer> = serde_json::from_slice(&answer.body).ok();
    match (answer.status, read) {
        (200, Some(read)) => Ok(read),
        (400 | 401 | 403, Some(read)) if is_about_the_time(&read) => Ok(read),
        (400 | 401 | 403, Some(read)) => Err(refused(&read.error, &read.error_description)),
        (429, _) => Err(Failure::Quota(place, answer.retry_after)),
        (200, None) => Err(Failure::NotGoogle(place, "it is no token".into())),
        (status, _) => Err(Failure::Status(place, status, String::new())),
    }
}

/// The words of OAuth 2.0, with what they mean for a key.
fn refused(error: &Option<String>, description: &Option<String>) -> Failure {
    let description = description.as_deref().map(shortened).unwrap_or_default();
    let why = match (error.as_deref(), description.as_str()) {
        (Some("invalid_grant"), said) if said.contains("account not found") => {
            "the service account does not exist any more".into()
        }
        (Some("invalid_grant"), said) if said.contains("Invalid JWT Signature") => {
            "the key was deleted or belongs to another account".into()
        }
        (Some("invalid_grant"), said) if said.contains("expired or revoked") => {
            "the user's login has expired or was revoked".into()
        }
        (Some("disabled_client"), _) => "the service account is disabled".into(),
        (Some(error), "") => shortened(error),
        (_, said) if !said.is_empty() => said.trim_end_matches('.').to_string(),
        _ => "it gave no reason".into(),
    };
    Failure::Login(why)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(json: serde_json::Value) -> TokenAnswer {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn refusals_are_explained() {
        for (error, said, expected) in [
            (
                "invalid_grant",
                "Invalid grant: account not found",
                "does not exist any more",
            ),
            ("invalid_grant", "Invalid JWT Signature.", "key was deleted"),
            (
                "invalid_grant",
                "Token has been expired or revoked.",
                "expired or was revoked",
            ),
            ("disabled_client", "", "disabled"),
            (
                "invalid_client",
                "The OAuth client was not found.",
                "OAuth client was not found",
            ),
        ] {
            let refused = token(answer(serde_json::json!({"error": error, "error_description": said})));
            let why = refused.map(|_| ()).unwrap_err().to_string();
            assert!(why.contains(expected), "{why}");
        }
        assert!(token(answer(serde_json::json!({}))).is_err());
    }

    #[tokio::test(start_paused = true)]
    async fn a_token_is_given_up_before_it_ends() {
        let now = Instant::now();
        let lasts = |seconds: i64| {
            let token = token(answer(serde_json::json!({"access_token": "t", "expires_in": seconds})));
            token.map(|token| token.until.duration_since(now).as_secs()).unwrap()
        };
        assert_eq!((lasts(3_600), lasts(60), lasts(-5)), (3_300, 30, 0));
    }
}
