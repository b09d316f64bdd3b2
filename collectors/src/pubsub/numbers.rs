//! Asks Cloud Monitoring for one metric of one project: over which time, and by which address.

use std::time::Duration;

use brokerscope_contract::Timestamp;
use reqwest::Url;

use super::client::Client;
use super::failure::{Asked, Failure};
use super::questions::Question;
use super::wire::{AllTimeSeries, TimeSeries};
use crate::instants::to_rfc3339;

pub const PERMISSION: &str = "monitoring.timeSeries.list";

/// How far back the first question reaches beyond what is still hidden: enough for a rate at once.
const FIRST: Duration = Duration::from_secs(600);
/// Points appear out of order, and some minutes later than the others; each question reaches back over the last of the one
/// before.
const OVERLAP: Duration = Duration::from_secs(240);
/// After a long pause or a restart the past is caught up to here, and no further: a page holds 100,000 points.
const LONGEST: Duration = Duration::from_secs(3_600);

/// From when to when to ask at `now`, after an answer at `before`.
pub fn window(question: &Question, now: Timestamp, before: Option<Timestamp>) -> (Timestamp, Timestamp) {
    let millis = |duration: Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
    let since = match before {
        None => now.plus_millis(-millis(FIRST)),
        Some(before) => before.plus_millis(-millis(OVERLAP)),
    };
    let start = since.plus_millis(-millis(question.hidden));
    (start.clamp(now.plus_millis(-millis(LONGEST)), now), now)
}

pub async fn ask(
    client: &Client,
    root: &Url,
    project: &str,
    question: &Question,
    (start, end): (Timestamp, Timestamp),
) -> Result<Vec<TimeSeries>, Failure> {
    let mut url = root.clone();
    url.set_path(&format!("{}v3/projects/{project}/timeSeries", root.path()));
    url.query_pairs_mut()
        .append_pair("filter", &format!("metric.type=\"{}\"", question.metric_type()))
        .append_pair("interval.startTime", &to_rfc3339(start))
        .append_pair("interval.endTime", &to_rfc3339(end))
        .append_pair("view", "FULL")
        .append_pair("pageSize", "100000");
    let asked = Asked {
        project,
        permission: PERMISSION,
    };
    let (series, _pages) = client.ask_all::<AllTimeSeries>(&url, asked).await?;
    Ok(series)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pubsub::questions::QUESTIONS;

    #[test]
    fn a_question_reaches_back_over_what_was_hidden_before_and_never_too_far() {
        let depth = &QUESTIONS[0];
        let now = Timestamp(10_000_000);
        let seconds = |before: Option<i64>| {
            let (start, end) = window(depth, now, before.map(Timestamp));
            assert_eq!(end, now);
            now.seconds_since(start)
        };
        assert_eq!(seconds(None), 720.0);
        assert_eq!(seconds(Some(10_000_000 - 60_000)), 420.0);
        assert_eq!(seconds(Some(0)), 3_600.0);
        // A clock that was set back.
        assert_eq!(seconds(Some(99_000_000)), 0.0);
    }
}
