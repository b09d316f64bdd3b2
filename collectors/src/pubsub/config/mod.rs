//! The settings of a Pub/Sub connection: the field table, and its typed form.

mod given;

use std::time::Duration;

use brokerscope_contract::{Field, FieldKind, FieldProblem, Settings};
use reqwest::Url;

use super::credentials::{self, Credentials, METADATA_URL};
use super::questions::Detail;
use crate::given::Given;

/// Pub/Sub measures once a minute: asking more often shows nothing new and costs the same again.
pub const DEFAULT_INTERVAL_SECONDS: u64 = 60;
const DEFAULT_INVENTORY_SECONDS: u64 = 600;
const DEFAULT_TIMEOUT_SECONDS: u64 = 20;

const PUBSUB_URL: &str = "https://pubsub.googleapis.com/";
const MONITORING_URL: &str = "https://monitoring.googleapis.com/";

/// What is needed to read some projects. Not `Debug`: it holds secrets.
#[derive(Clone)]
pub struct Config {
    /// Ids of projects; at least one, each once.
    pub projects: Vec<String>,
    pub credentials: Credentials,
    pub detail: Detail,
    /// Root of the admin API, ending with a slash.
    pub pubsub: Url,
    /// Root of Cloud Monitoring, ending with a slash; `None` where there is none, as beside the emulator.
    pub monitoring: Option<Url>,
    pub interval: Duration,
    /// Between two listings of topics and subscriptions.
    pub inventory: Duration,
    /// Of one request.
    pub timeout: Duration,
}

/// The settings in form order.
pub fn fields() -> Vec<Field> {
    let detail_help = format!(
        "One request a figure and project reads all subscriptions at once. Requests a day and project, at one visit a \
         minute: {}.",
        Detail::ALL
            .map(|detail| {
                let a_day = detail.requests_per_day(Duration::from_secs(DEFAULT_INTERVAL_SECONDS));
                format!("{} {a_day}", detail.slug())
            })
            .join(", ")
    );
    vec![
        Field::text(
            "projects",
            "Projects",
            "Ids of the projects to watch, not their display names.",
        )
        .of(FieldKind::List)
        .required()
        .placeholder("shop-production"),
        Field::text(
            "credentials",
            "Log in with",
            "The metadata server hands out the service account of the machine or pod on Google Cloud; no key is needed \
             there.",
        )
        .choice(&[
            ("key", "Key file (JSON)"),
            ("metadata", "Metadata server"),
            ("none", "Nothing (emulator)"),
        ])
        .default("key"),
        Field::text(
            "key",
            "Key file",
            "The JSON of a service account's key, or what gcloud auth application-default login wrote. Needs the roles \
             Pub/Sub Viewer and Monitoring Viewer on each project.",
        )
        .of(FieldKind::Lines { secret: true })
        .only_when("credentials", &["key"])
        .placeholder("{ \"type\": \"service_account\", ... }"),
        Field::text("detail", "Figures", &detail_help)
            .choice(&[
                ("basic", "Depth, oldest message, dead letters"),
                ("standard", "Also rates, readers, push errors"),
                ("full", "Also delivery health, refusals, latency"),
            ])
            .default(Detail::Standard.slug()),
        address(
            "pubsub_url",
            "Pub/Sub address",
            "For a regional or private endpoint, or the emulator. Left empty, Google's own.",
            PUBSUB_URL,
        ),
        address(
            "monitoring_url",
            "Cloud Monitoring address",
            "Left empty, Google's own; with a login by nothing there are no figures then, since the emulator has none.",
            MONITORING_URL,
        ),
        address(
            "metadata_url",
            "Metadata server address",
            "Left empty, where every machine of Google Cloud has it.",
            METADATA_URL,
        )
        .only_when("credentials", &["metadata"]),
        number(
            "interval_seconds",
            "Interval",
            "Time between two visits. Pub/Sub measures once a minute, so less would show nothing new.",
            (60, 3_600, DEFAULT_INTERVAL_SECONDS),
        ),
        number(
            "inventory_seconds",
            "List topics every",
            "Time between two listings of topics, subscriptions and snapshots.",
            (60, 86_400, DEFAULT_INVENTORY_SECONDS),
        ),
        number(
            "timeout_seconds",
            "Timeout",
            "How long one request may take.",
            (1, 60, DEFAULT_TIMEOUT_SECONDS),
        ),
    ]
}

fn address(key: &str, label: &str, help: &str, example: &str) -> Field {
    Field::text(key, label, help).placeholder(example).advanced()
}

fn number(key: &str, label: &str, help: &str, (min, max, default): (i64, i64, u64)) -> Field {
    let unit = "seconds".into();
    Field::text(key, label, help)
        .of(FieldKind::Number { min, max, unit })
        .default(&default.to_string())
        .advanced()
}

/// Reads settings in their normal form (see the field table), or names every field that is wrong.
pub fn parse(settings: &Settings) -> Result<Config, Vec<FieldProblem>> {
    let mut given = Given::new(settings);
    let projects = given::projects(&mut given);
    let credentials = credentials(&mut given);
    let detail = given::detail(&mut given);
    let pubsub = given::address(&mut given, "pubsub_url");
    let monitoring = given::address(&mut given, "monitoring_url");
    let (interval, inventory, timeout) = (
        given.seconds("interval_seconds", 60..=3_600, DEFAULT_INTERVAL_SECONDS),
        given.seconds("inventory_seconds", 60..=86_400, DEFAULT_INVENTORY_SECONDS),
        given.seconds("timeout_seconds", 1..=60, DEFAULT_TIMEOUT_SECONDS),
    );
    let google = |url: &str| Url::parse(url).ok();
    let (Some(credentials), Some(pubsub), true) = (
        credentials,
        pubsub.or_else(|| google(PUBSUB_URL)),
        given.problems.is_empty(),
    ) else {
        return Err(given.problems);
    };
    let is_emulator = matches!(credentials, Credentials::Anonymous);
    Ok(Config {
        projects,
        monitoring: monitoring.or_else(|| google(MONITORING_URL).filter(|_| !is_emulator)),
        credentials,
        detail,
        pubsub,
        interval,
        inventory,
        timeout,
    })
}

fn credentials(given: &mut Given<'_>) -> Option<Credentials> {
    match given.text("credentials").as_deref().map_or("key", str::trim) {
        "none" => Some(Credentials::Anonymous),
        "metadata" => {
            let own = given::address(given, "metadata_url");
            own.or_else(|| Url::parse(METADATA_URL).ok()).map(Credentials::Metadata)
        }
        "key" => {
            let Some(text) = given.text("key") else {
                given.wrong("key", "is missing", "Paste the JSON of a service account's key.");
                return None;
            };
            let read = credentials::from_key(&text);
            read.map_err(|why| {
                let remedy = "Paste the whole file that Google made, from { to }: gcloud iam service-accounts keys \
                              create key.json --iam-account=NAME@PROJECT.iam.gserviceaccount.com.";
                given.wrong("key", why, remedy);
            })
            .ok()
        }
        _ => {
            given.wrong(
                "credentials",
                "is none of the ways to log in",
                "Choose key, metadata or none.",
            );
            None
        }
    }
}

#[cfg(test)]
mod tests;
