//! The "test connection" button: each step from the name of the host to what will be visible.

mod reach;

use std::time::Instant;

use brokerscope_figures::format::count;
use reach::reach;

use super::client::Client;
use super::config::Config;
use super::failure::{Failure, grant};
use super::listing::{self, SNAPSHOTS, SUBSCRIPTIONS, TOPICS};
use super::numbers;
use super::questions::QUESTIONS;
use super::wire::{Page, Snapshots, Subscriptions, Topics};
use crate::collector::ProbeReport;
use crate::steps::Steps;

pub async fn run(config: &Config, client: &Client, report: &ProbeReport) {
    let steps = Steps { report };
    let mut reached = reach(config, client, &config.pubsub, &steps).await;
    if let Some(monitoring) = &config.monitoring {
        reached &= reach(config, client, monitoring, &steps).await;
    }
    if !reached {
        steps.skip("Login", "not tried, because Google could not be reached");
        return;
    }
    let since = Instant::now();
    if let Err(failure) = client.log_in().await {
        steps.fail("Login", &failure, since);
        steps.skip("Permissions", "not tried, because the login failed");
        return;
    }
    steps.pass("Login", format!("as {}", config.credentials.described()), since);
    for project in &config.projects {
        lists(config, client, project, &steps).await;
        figures(config, client, project, &steps).await;
    }
    visible(config, &steps);
}

/// Each list needs a permission of its own.
async fn lists(config: &Config, client: &Client, project: &str, steps: &Steps<'_>) {
    list::<Topics>(config, client, project, ("topics", TOPICS), steps).await;
    list::<Subscriptions>(config, client, project, ("subscriptions", SUBSCRIPTIONS), steps).await;
    list::<Snapshots>(config, client, project, ("snapshots", SNAPSHOTS), steps).await;
}

async fn list<P: Page + serde::de::DeserializeOwned>(
    config: &Config,
    client: &Client,
    project: &str,
    (what, permission): (&'static str, &'static str),
    steps: &Steps<'_>,
) {
    let since = Instant::now();
    let title = format!("List {what} of {project}");
    match listing::list::<P>(client, &config.pubsub, project, (what, permission)).await {
        Ok(listed) => {
            let listed = listed.items.len();
            let noun = if listed == 1 { what.trim_end_matches('s') } else { what };
            steps.pass(&title, format!("{} {noun}", count(listed as f64)), since);
        }
        // Without snapshots and without one of the two lists the rest still works.
        Err(failure @ Failure::NotPermitted { .. }) => {
            steps.limit(&title, failure.to_string(), &grant(project, permission), since);
        }
        Err(failure @ Failure::Unsupported(_)) => steps.limit(&title, failure.to_string(), &failure.remedy(), since),
        Err(failure) => steps.fail(&title, &failure, since),
    }
}

async fn figures(config: &Config, client: &Client, project: &str, steps: &Steps<'_>) {
    let title = format!("Figures of {project}");
    let since = Instant::now();
    let Some(root) = &config.monitoring else {
        let remedy = "For a real project, log in and leave the address of Cloud Monitoring empty.";
        return steps.limit(&title, "none: no Cloud Monitoring is configured", remedy, since);
    };
    let question = &QUESTIONS[0];
    let window = numbers::window(question, client.now(), None);
    match numbers::ask(client, root, project, question, window).await {
        Ok(series) if series.is_empty() => {
            let remedy = "Nothing to do for a project that is new or idle; figures of new subscriptions take 5 to 10 \
                          minutes.";
            steps.limit(&title, "readable, but there are none yet", remedy, since);
        }
        Ok(series) => {
            let detail = format!("readable, of {} subscriptions", count(series.len() as f64));
            steps.pass(&title, detail, since);
        }
        Err(failure) if failure.absence() == brokerscope_contract::Absence::Failed => {
            steps.fail(&title, &failure, since);
        }
        Err(failure) => steps.limit(&title, failure.to_string(), &failure.remedy(), since),
    }
}

fn visible(config: &Config, steps: &Steps<'_>) {
    let a_day = config.detail.requests_per_day(config.interval) * config.projects.len() as u64;
    let detail = match config.monitoring {
        None => "topics, subscriptions and how they hang together; no figures".to_string(),
        Some(_) => format!(
            "{} figures, 2 to 4 minutes late as Google gives them, for {} requests to Cloud Monitoring a day",
            config.detail.slug(),
            count(a_day as f64)
        ),
    };
    steps.pass("What will be visible", detail, Instant::now());
}
