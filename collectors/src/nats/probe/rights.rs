//! Each right by itself: what is asked for, whether it is answered, and what is missing without it.

use std::time::Instant;

use brokerscope_figures::format::count;
use serde_json::Value;

use crate::nats::access::{Access, Answers};
use crate::nats::account::{self, Own};
use crate::nats::advisories::Advisories;
use crate::nats::config::Config;
use crate::nats::failure::Failure;
use crate::nats::leaders::{self, Inventory};
use crate::nats::page::{self, Page};
use crate::nats::wire::JetStream;
use crate::steps::Steps;

/// Every page by every server.
pub async fn of_system(mut access: Access, steps: &Steps<'_>) {
    let since = Instant::now();
    if let Err(failure) = access.servers().await {
        return steps.fail("Servers", &failure, since);
    }
    pages(&access, steps).await;
    let since = Instant::now();
    let own = account::own(&access).await.unwrap_or_default();
    let heard = Advisories::listen(&access, &own).await;
    announcements(&heard, steps, since);
    visible(&access, steps).await;
}

pub async fn of_monitoring(mut access: Access, steps: &Steps<'_>) {
    let since = Instant::now();
    if let Err(failure) = access.servers().await {
        return steps.fail("Servers", &failure, since);
    }
    pages(&access, steps).await;
    visible(&access, steps).await;
}

async fn pages(access: &Access, steps: &Steps<'_>) {
    for (title, page) in [
        ("Right: servers", page::VARZ),
        ("Right: connections", page::CONNZ),
        ("Right: accounts", page::ACCSTATZ),
        ("Right: JetStream", page::JSZ),
        ("Right: health", page::HEALTHZ),
        ("Right: routes", page::ROUTEZ),
        ("Right: leaf nodes", page::LEAFZ),
    ] {
        one_page(access, title, &page, steps).await;
    }
}

async fn one_page(access: &Access, title: &str, page: &Page, steps: &Steps<'_>) {
    let since = Instant::now();
    let answers: Answers<Value> = access.ask_all(page).await;
    let good = answers.iter().filter(|(_, answer)| answer.is_ok()).count();
    match answers.iter().find_map(|(_, answer)| answer.as_ref().err()) {
        None if good > 0 => steps.pass(title, format!("{} answers", count(good as f64)), since),
        None => steps.limit(title, "nobody answers", "See the server's log.", since),
        Some(failure) => steps.limit(title, failure.to_string(), &failure.remedy(), since),
    }
}

async fn visible(access: &Access, steps: &Steps<'_>) {
    let since = Instant::now();
    let answers: Answers<JetStream> = access.ask_all(&page::JSZ).await;
    let servers = answers.len();
    let good = answers
        .into_iter()
        .filter_map(|(server, answer)| Some((server, answer.ok()?)));
    let inventory = leaders::choose(good.collect(), true);
    let detail = format!("{} servers, {}", count(servers as f64), described(&inventory));
    steps.pass("What will be visible", detail, since);
}

/// Every subject that the documentation lists, tried one by one.
pub async fn of_account(config: &Config, access: Access, steps: &Steps<'_>) {
    let since = Instant::now();
    let own = account::own(&access).await;
    report(
        "Right: name of the account",
        own.as_ref().map(|own| format!("account {}", own.name)),
        steps,
        since,
    );
    let own = own.unwrap_or_else(|_| Own {
        name: "own account".into(),
        ..Own::default()
    });
    let since = Instant::now();
    let told = account::jetstream(&access, config, &own.name).await;
    let listed = match &told {
        Ok(told) => match &told.without_consumers {
            Some(failure) => Err(failure),
            None => Ok(described(&told.inventory)),
        },
        Err(failure) => Err(failure),
    };
    report("Right: streams and consumers", listed, steps, since);
    one_page(&access, "Right: own connections", &page::CONNZ, steps).await;
    one_page(&access, "Right: own traffic", &page::ACCSTATZ, steps).await;
    let since = Instant::now();
    match access.ask_everybody::<Value>("$SRV.STATS").await {
        Err(failure @ Failure::NotPermitted(_)) => report("Right: services", Err(&failure), steps, since),
        Ok(found) => {
            let detail = format!("{} instances answer", count(found.len() as f64));
            steps.pass("Right: services", detail, since);
        }
        Err(_) => steps.pass("Right: services", "asked; there are none", since),
    }
    let since = Instant::now();
    announcements(&Advisories::listen(&access, &own).await, steps, since);
    let since = Instant::now();
    match &told {
        Ok(told) => steps.pass("What will be visible", described(&told.inventory), since),
        Err(_) => steps.limit(
            "What will be visible",
            "the connection, and no streams or consumers",
            "See above.",
            since,
        ),
    }
}

fn announcements(heard: &Advisories, steps: &Steps<'_>, since: Instant) {
    let title = "Right: announcements of given-up messages";
    match (&heard.refused, heard.accounts.as_slice()) {
        (Some(failure), _) => steps.limit(title, failure.to_string(), &failure.remedy(), since),
        (None, []) => steps.limit(
            title,
            "none is heard",
            "Export $JS.EVENT.ADVISORY.> from the account to the system account and import it there with the account's \
             name as prefix.",
            since,
        ),
        (None, accounts) => steps.pass(title, format!("of {}", accounts.join(", ")), since),
    }
}

fn described(inventory: &Inventory) -> String {
    let consumers: usize = inventory.streams.values().map(|view| view.consumers.len()).sum();
    let (streams, consumers) = (count(inventory.streams.len() as f64), count(consumers as f64));
    format!("{streams} streams, {consumers} consumers")
}

fn report(title: &str, outcome: Result<String, &Failure>, steps: &Steps<'_>, since: Instant) {
    match outcome {
        Ok(detail) => steps.pass(title, detail, since),
        Err(failure) => steps.limit(title, failure.to_string(), &failure.remedy(), since),
    }
}
