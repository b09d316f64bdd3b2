//! The settings of an Amazon connection in their types, read from what the field table let through.

use std::collections::BTreeSet;

use brokerscope_contract::{FieldProblem, Settings};

use crate::given::Given;

/// Seconds between visits unless configured otherwise.
pub const DEFAULT_INTERVAL_SECONDS: u64 = 60;
/// Seconds between questions to CloudWatch unless configured otherwise: less often than SQS, because it costs 25 times
/// as much.
pub const CLOUDWATCH_SECONDS: u64 = 300;
/// Lengths of points that divide a day, and that CloudWatch has.
const PERIODS: [u64; 4] = [60, 300, 900, 3_600];
/// For so many days CloudWatch keeps points of a minute.
pub const KEEPS_DAYS: i64 = 15;

/// What is needed to reach and read the accounts. Not `Debug`: it holds secrets.
#[derive(Clone, PartialEq, Eq)]
pub struct Config {
    pub regions: Vec<String>,
    pub login: Login,
    pub roles: Vec<String>,
    pub external_id: Option<String>,
    pub own_account: bool,
    pub interval_seconds: u64,
    pub cloudwatch: CloudWatch,
    pub cloudwatch_seconds: u64,
    pub backfill_days: u64,
    pub sns: bool,
    pub queue_prefix: Option<String>,
    pub queue_urls: Vec<String>,
    pub endpoint_url: Option<String>,
}

/// Where the credentials come from.
#[derive(Clone, PartialEq, Eq)]
pub enum Login {
    Automatic,
    Environment,
    Profile(String),
    /// Token file and role; `None` takes both from the environment.
    WebIdentity(Option<(String, String)>),
    Keys {
        id: String,
        secret: String,
        token: Option<String>,
    },
}

impl Login {
    /// For messages, without secrets.
    pub fn label(&self) -> String {
        match self {
            Login::Automatic => "automatic credentials".into(),
            Login::Environment => "credentials from the environment".into(),
            Login::Profile(name) => format!("profile {name}"),
            Login::WebIdentity(_) => "a web identity".into(),
            Login::Keys { id, .. } => format!("access key {id}"),
        }
    }
}

/// How much CloudWatch is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum CloudWatch {
    Off,
    Ages,
    All,
}

/// Reads settings, or names every field that is wrong.
pub fn parse(settings: &Settings) -> Result<Config, Vec<FieldProblem>> {
    let mut given = Given::new(settings);
    let regions = regions(&mut given);
    let login = login(&mut given);
    let roles = distinct(given.list("roles"));
    for role in roles.iter().filter(|role| !is_role(role)) {
        let remedy = "Write it like arn:aws:iam::444455556666:role/brokerscope.";
        given.wrong("roles", format!("{role:?} is not the ARN of a role"), remedy);
    }
    let endpoint_url = text(&given, "endpoint_url");
    let is_url = |url: &str| url.starts_with("http://") || url.starts_with("https://");
    if endpoint_url.as_deref().is_some_and(|url| !is_url(url)) {
        given.wrong(
            "endpoint_url",
            "is not an address",
            "Begin it with https:// or http://.",
        );
    }
    let cloudwatch = match text(&given, "cloudwatch").as_deref() {
        None | Some("ages") => CloudWatch::Ages,
        Some("off") => CloudWatch::Off,
        Some("all") => CloudWatch::All,
        Some(other) => {
            given.wrong(
                "cloudwatch",
                format!("{other:?} is not a choice"),
                "Use off, ages or all.",
            );
            CloudWatch::Off
        }
    };
    let interval = given.seconds("interval_seconds", 15..=3_600, DEFAULT_INTERVAL_SECONDS);
    let config = Config {
        own_account: roles.is_empty() || given.switch("own_account", false),
        regions,
        login,
        roles,
        external_id: text(&given, "external_id"),
        interval_seconds: interval.as_secs(),
        cloudwatch,
        cloudwatch_seconds: period(&mut given),
        backfill_days: given.number("backfill_days", 0..=15, 15, "days"),
        sns: given.switch("sns", true),
        queue_prefix: text(&given, "queue_prefix"),
        queue_urls: distinct(given.list("queue_urls")),
        endpoint_url,
    };
    let misplaced = config.queue_urls.iter().filter_map(|url| config.misplaced(url));
    given.problems.extend(misplaced);
    if given.problems.is_empty() {
        Ok(config)
    } else {
        Err(given.problems)
    }
}

/// A setting without the blanks around it.
fn text(given: &Given<'_>, key: &str) -> Option<String> {
    given.text(key).map(|text| text.trim().to_owned())
}

/// The length of CloudWatch's points. Only those that divide a day evenly begin at the same times whatever is asked for.
fn period(given: &mut Given<'_>) -> u64 {
    let seconds = given
        .seconds("cloudwatch_seconds", 60..=3_600, CLOUDWATCH_SECONDS)
        .as_secs();
    if !PERIODS.contains(&seconds) {
        let detail = format!("{seconds} is not a length that points of CloudWatch have here");
        given.wrong("cloudwatch_seconds", detail, "Use 60, 300, 900 or 3600.");
    }
    seconds
}

fn regions(given: &mut Given<'_>) -> Vec<String> {
    let regions = distinct(given.list("regions"));
    if regions.is_empty() {
        given.wrong(
            "regions",
            "names no region",
            "Give at least one, for example eu-west-1.",
        );
    }
    let plain = |name: &str| {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        name.chars().all(allowed) && name.contains('-')
    };
    for region in regions.iter().filter(|region| !plain(region)) {
        let detail = format!("{region:?} is not the name of a region");
        given.wrong("regions", detail, "Write its code, for example eu-west-1.");
    }
    regions
}

/// Without what is named twice, in the order of the first mention.
fn distinct(mut names: Vec<String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    names.retain(|name| seen.insert(name.clone()));
    names
}

fn login(given: &mut Given<'_>) -> Login {
    match text(given, "credentials").as_deref() {
        None | Some("automatic") => Login::Automatic,
        Some("environment") => Login::Environment,
        Some("profile") => Login::Profile(needed(given, "profile", "Name a profile of ~/.aws/config.")),
        Some("web_identity") => {
            let (file, role) = ("web_identity_token_file", "web_identity_role");
            if text(given, file).is_none() && text(given, role).is_none() {
                return Login::WebIdentity(None);
            }
            Login::WebIdentity(Some((
                needed(given, file, "Name the file, or leave the role empty as well."),
                needed(given, role, "Name the role, or leave the file empty as well."),
            )))
        }
        Some("keys") => Login::Keys {
            id: needed(given, "access_key_id", "Fill in the access key id."),
            secret: needed(given, "secret_access_key", "Fill in the secret access key."),
            token: text(given, "session_token"),
        },
        Some(other) => {
            let remedy = "Use automatic, environment, profile, web_identity or keys.";
            given.wrong("credentials", format!("{other:?} is not a choice"), remedy);
            Login::Automatic
        }
    }
}

fn needed(given: &mut Given<'_>, key: &str, remedy: &str) -> String {
    given.needed(key, remedy).trim().to_owned()
}

fn is_role(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    matches!(parts[..], ["arn", _, "iam", "", account, name]
        if account.len() == 12 && account.chars().all(|c| c.is_ascii_digit()) && name.starts_with("role/"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(settings: Value) -> Result<Config, Vec<String>> {
        let settings: Settings = serde_json::from_value(settings).unwrap();
        parse(&settings).map_err(|problems| problems.into_iter().map(|problem| problem.field).collect())
    }

    #[test]
    fn one_region_is_enough() {
        let Ok(config) = read(json!({"regions": ["eu-west-1"]})) else {
            panic!()
        };
        assert!(config.own_account && config.sns && config.login == Login::Automatic);
        assert_eq!((config.interval_seconds, config.cloudwatch_seconds), (60, 300));
        assert_eq!((config.cloudwatch, config.backfill_days), (CloudWatch::Ages, 15));
    }

    #[test]
    fn roles_replace_the_own_account_unless_it_is_asked_for() {
        let role = "arn:aws:iam::444455556666:role/brokerscope";
        let with = |own: bool| read(json!({"regions": "eu-west-1", "roles": [role], "own_account": own}));
        assert!(with(false).is_ok_and(|config| !config.own_account && config.roles == [role]));
        assert!(with(true).is_ok_and(|config| config.own_account));
    }

    #[test]
    fn every_wrong_field_is_named() {
        let wrong = read(json!({
            "regions": ["Europe (Ireland)"], "credentials": "keys", "roles": ["brokerscope"], "interval_seconds": 1,
            "cloudwatch": "some", "endpoint_url": "localhost:9324", "queue_urls": ["orders"], "backfill_days": "x",
        }));
        let expected = [
            "regions",
            "access_key_id",
            "secret_access_key",
            "roles",
            "endpoint_url",
            "cloudwatch",
            "interval_seconds",
            "backfill_days",
            "queue_urls",
        ];
        assert_eq!(wrong.err().unwrap(), expected);
        assert_eq!(read(json!({})).err().unwrap(), ["regions"]);
    }

    #[test]
    fn what_is_named_twice_is_watched_once() {
        let role = "arn:aws:iam::444455556666:role/b";
        let Ok(config) = read(json!({"regions": "eu-west-1, us-east-1, eu-west-1", "roles": [role, role]})) else {
            panic!()
        };
        assert_eq!(config.regions, ["eu-west-1", "us-east-1"]);
        assert_eq!(config.roles, [role]);
    }

    #[test]
    fn only_lengths_that_divide_a_day_are_taken() {
        let with = |seconds: u64| read(json!({"regions": ["eu-west-1"], "cloudwatch_seconds": seconds}));
        for seconds in PERIODS {
            assert_eq!(with(seconds).map(|config| config.cloudwatch_seconds), Ok(seconds));
        }
        for odd in [90, 420, 7_200] {
            assert!(
                with(odd).err().unwrap().contains(&"cloudwatch_seconds".to_owned()),
                "{odd}"
            );
        }
    }
}
