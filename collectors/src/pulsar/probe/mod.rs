//! The "test connection" button: each step from the name of the host to what will be visible.

mod reach;

use std::collections::HashMap;
use std::time::Instant;

use brokerscope_figures::format::{bytes, count};
use reach::reach;

use crate::collector::ProbeReport;
use crate::pulsar::brokers::{Broker, brokers, unnamed};
use crate::pulsar::collector::PulsarCollector;
use crate::pulsar::failure::Failure;
use crate::pulsar::functions;
use crate::pulsar::inventory::topics;
use crate::pulsar::plan::TOPICS_WITH_METRICS;
use crate::pulsar::scrape::scrape;
use crate::pulsar::wire::BrokerStats;
use crate::steps::Steps;

pub async fn run(collector: &mut PulsarCollector, report: &ProbeReport) {
    let steps = Steps { report };
    let mut reached = false;
    for root in collector.client.admin() {
        reached |= reach(collector, root, &steps).await;
    }
    let later = [
        "Login",
        "Super-user",
        "Namespaces",
        "Functions and connectors",
        "Figures of topics",
        "What will be visible",
    ];
    if !reached {
        return skip(&steps, &later, "not tried, because no admin address answers");
    }
    let since = Instant::now();
    let version = match collector.client.first_answer("brokers/version").await {
        Ok(version) => version.trim().trim_matches('"').to_string(),
        Err(failure) => {
            steps.fail("Login", &failure, since);
            return skip(&steps, &later[1..], "not tried, because the login failed");
        }
    };
    steps.pass("Login", format!("Pulsar {version} accepts it"), since);
    let named = super_user(collector, &steps).await;
    let namespaces = namespaces(collector, named.is_some(), &steps).await;
    functions::probe(collector, &steps).await;
    let visible = figures(collector, named, &steps).await;
    tell(visible, namespaces, &steps);
}

fn skip(steps: &Steps<'_>, titles: &[&str], why: &str) {
    titles.iter().for_each(|title| steps.skip(title, why));
}

/// The brokers, which only a super-user may ask for.
async fn super_user(collector: &PulsarCollector, steps: &Steps<'_>) -> Option<Vec<Broker>> {
    let (title, since) = ("Super-user", Instant::now());
    match collector.client.ask::<Vec<String>>("brokers").await {
        Ok(named) => {
            let found = brokers(&named, collector.client.admin());
            collector.client.trust(found.iter().map(|broker| broker.root.clone()));
            let noun = if found.len() == 1 { "broker" } else { "brokers" };
            steps.pass(title, format!("{} {noun} known", found.len()), since);
            Some(found)
        }
        Err(failure) => {
            steps.limit(title, failure.to_string(), failure.remedy(), since);
            None
        }
    }
}

/// How many namespaces will be watched, as far as that is known.
async fn namespaces(collector: &PulsarCollector, is_super_user: bool, steps: &Steps<'_>) -> Option<usize> {
    let (title, since) = ("Namespaces", Instant::now());
    let given = &collector.config.namespaces;
    let mut failure = None;
    for name in given {
        let path = crate::pulsar::names::encoded(name);
        let asked = if name.contains('/') {
            format!("namespaces/{path}/topics?mode=PERSISTENT")
        } else {
            format!("namespaces/{path}")
        };
        if let Err(error) = collector.client.ask::<Vec<String>>(&asked).await {
            failure = failure.or(Some((name, error)));
        }
    }
    if let Some((name, failure)) = failure {
        steps.limit(title, format!("not {name}: {failure}"), failure.remedy(), since);
        return None;
    }
    if given.is_empty() && !is_super_user {
        let detail = "none is given, and this role may not list them";
        steps.limit(
            title,
            detail,
            "List the namespaces in the connection's settings.",
            since,
        );
        return Some(0);
    }
    let detail = match given.len() {
        0 => "all of them are watched".into(),
        n => format!("{n} given, and each can be seen into"),
    };
    steps.pass(title, detail, since);
    Some(given.len())
}

/// Topics that have figures, asked of every broker.
async fn figures(collector: &PulsarCollector, named: Option<Vec<Broker>>, steps: &Steps<'_>) -> Option<usize> {
    let is_super_user = named.is_some();
    let mut all = 0;
    let mut answered = false;
    for broker in named.unwrap_or_else(|| unnamed(collector.client.admin())) {
        let (title, since) = (format!("Figures of topics at {}", broker.id), Instant::now());
        let counted = if is_super_user {
            by_stats(collector, &broker).await
        } else {
            by_metrics(collector, &broker).await
        };
        match counted {
            Ok((topics, how)) => {
                answered = true;
                all += topics;
                steps.pass(&title, format!("{} topics, {how}", count(topics as f64)), since);
            }
            Err(failure) => steps.limit(&title, failure.to_string(), failure.remedy(), since),
        }
    }
    answered.then_some(all)
}

async fn by_stats(collector: &PulsarCollector, broker: &Broker) -> Result<(usize, String), Failure> {
    let stats: BrokerStats = collector.client.ask_at(&broker.root, "broker-stats/topics").await?;
    let topics: HashMap<_, _> = topics(stats, |namespace| collector.config.wants(namespace));
    let how = match topics.len() {
        n if n > TOPICS_WITH_METRICS => "too many to ask for the metrics of each",
        _ => "with their metrics",
    };
    Ok((topics.len(), how.into()))
}

async fn by_metrics(collector: &PulsarCollector, broker: &Broker) -> Result<(usize, String), Failure> {
    let text = collector.client.metrics_at(&broker.root).await?;
    let scraped = scrape(&text, |namespace| collector.config.wants(namespace));
    Ok((
        scraped.topics.len(),
        format!("by metrics of {}", bytes(text.len() as f64)),
    ))
}

fn tell(topics: Option<usize>, namespaces: Option<usize>, steps: &Steps<'_>) {
    let (title, since) = ("What will be visible", Instant::now());
    match (topics, namespaces) {
        (Some(topics), _) if topics > 0 => {
            steps.pass(title, format!("{} loaded topics", count(topics as f64)), since);
        }
        (_, Some(0)) if topics.is_none() => {
            steps.limit(title, "nothing but whether the brokers answer", "See above.", since);
        }
        (Some(_), _) => steps.pass(title, "no topic is loaded at present", since),
        (None, _) => steps.limit(title, "names of topics, without figures", "See above.", since),
    }
}
