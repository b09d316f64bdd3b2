//! One try to deliver a message, what came of it, and how long to rest before the next.

use std::time::Duration;

use brokerscope_contract::Timestamp;
use brokerscope_contract::api::webhook::Delivery;
use reqwest::{Client, StatusCode, Url};

use super::message::Message;

/// A receiver that restarts is back within seconds; one that is away for hours is not to be knocked at all the time.
const FIRST_PAUSE: Duration = Duration::from_secs(1);
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// How one try went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Delivered {
        text: String,
    },
    /// Trying again may help: no connection, a time-out, 429 or 5xx.
    TryAgain {
        text: String,
    },
    /// The receiver understood and refused.
    Refused {
        text: String,
    },
}

/// A client that gives up after ten seconds and follows no redirect: an address is meant as it is written.
pub fn client() -> Result<Client, reqwest::Error> {
    Client::builder()
        .timeout(Duration::from_secs(10))
        .redirect(reqwest::redirect::Policy::none())
        .build()
}

/// One try. The texts never hold the address, which may hold a token.
pub async fn attempt(client: &Client, url: &Url, message: &Message) -> Outcome {
    match client.post(url.clone()).json(message).send().await {
        Ok(answer) => judge(answer.status()),
        Err(error) => Outcome::TryAgain {
            text: cause(&error.without_url()),
        },
    }
}

/// The rest after so many failures in a row: doubles with each, and is shortened by up to half at random so that many senders do not march in step.
pub fn pause(tried: u32, chance: f64) -> Duration {
    let doubled = FIRST_PAUSE.saturating_mul(1 << tried.min(16).saturating_sub(1));
    doubled.min(LONGEST_PAUSE).mul_f64(1.0 - chance.clamp(0.0, 1.0) / 2.0)
}

/// The outcome as it is shown.
pub fn told_of(outcome: &Outcome, at: Timestamp) -> Delivery {
    let (delivered, text) = match outcome {
        Outcome::Delivered { text } => (true, text),
        Outcome::TryAgain { text } | Outcome::Refused { text } => (false, text),
    };
    Delivery {
        at,
        delivered,
        text: text.clone(),
    }
}

fn judge(status: StatusCode) -> Outcome {
    let text = format!("The receiver answered {status}.");
    if status.is_success() {
        Outcome::Delivered { text }
    } else if status == StatusCode::TOO_MANY_REQUESTS || status.is_server_error() {
        Outcome::TryAgain { text }
    } else {
        Outcome::Refused { text }
    }
}

/// The innermost cause is the one that says something, such as "connection refused".
fn cause(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "The receiver did not answer within 10 s.".to_string();
    }
    let mut innermost: &dyn std::error::Error = error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    format!("The receiver cannot be reached: {innermost}.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_is_final_and_an_overload_is_not() {
        for (status, again) in [
            (200, false),
            (204, false),
            (301, false),
            (404, false),
            (429, true),
            (500, true),
            (503, true),
        ] {
            let outcome = judge(StatusCode::from_u16(status).unwrap());
            assert_eq!(
                matches!(outcome, Outcome::TryAgain { .. }),
                again,
                "{status}: {outcome:?}"
            );
        }
        assert!(matches!(judge(StatusCode::NO_CONTENT), Outcome::Delivered { .. }));
        assert!(matches!(judge(StatusCode::NOT_FOUND), Outcome::Refused { .. }));
    }

    #[test]
    fn pauses_grow_to_a_limit_and_differ() {
        assert_eq!(pause(1, 0.0), Duration::from_secs(1));
        assert_eq!(pause(3, 0.0), Duration::from_secs(4));
        assert_eq!(pause(3, 1.0), Duration::from_secs(2));
        assert_eq!(pause(40, 0.0), LONGEST_PAUSE);
    }
}
