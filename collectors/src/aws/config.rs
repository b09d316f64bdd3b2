//! The settings of an Amazon connection in their types, read from what the field table let through.

use brokerscope_contract::{FieldProblem, Settings};
use serde_json::Value;

/// Seconds between visits unless configured otherwise.
pub const DEFAULT_INTERVAL_SECONDS: u64 = 60;
/// Seconds between questions to CloudWatch unless configured otherwise: less often than SQS, because it costs 25 times
/// as much.
pub const CLOUDWATCH_SECONDS: u64 = 300;
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
    let given = Given(settings);
    let mut problems = Vec::new();
    let regions = regions(&given, &mut problems);
    let login = login(&given, &mut problems);
    let roles = given.list("roles");
    for role in roles.iter().filter(|role| !is_role(role)) {
        problems.push(FieldProblem::new(
            "roles",
            format!("{role:?} is not the ARN of a role"),
            "Write it like arn:aws:iam::444455556666:role/brokerscope.",
        ));
    }
    let queue_urls = given.list("queue_urls");
    for url in queue_urls.iter().filter(|url| url.split('/').count() < 5) {
        problems.push(FieldProblem::new(
            "queue_urls",
            format!("{url:?} is not the address of a queue"),
            "Write it like https://sqs.eu-west-1.amazonaws.com/111122223333/orders.",
        ));
    }
    let endpoint_url = given.text("endpoint_url");
    let is_url = |url: &str| url.starts_with("http://") || url.starts_with("https://");
    if endpoint_url.as_deref().is_some_and(|url| !is_url(url)) {
        problems.push(FieldProblem::new(
            "endpoint_url",
            "is not an address",
            "Begin it with https:// or http://.",
        ));
    }
    let cloudwatch = match given.text("cloudwatch").as_deref() {
        None | Some("ages") => CloudWatch::Ages,
        Some("off") => CloudWatch::Off,
        Some("all") => CloudWatch::All,
        Some(other) => {
            let detail = format!("{other:?} is not a choice");
            problems.push(FieldProblem::new("cloudwatch", detail, "Use off, ages or all."));
            CloudWatch::Off
        }
    };
    let config = Config {
        own_account: roles.is_empty() || given.switch("own_account", false),
        regions,
        login,
        roles,
        external_id: given.text("external_id"),
        interval_seconds: given.number("interval_seconds", 15..=3_600, DEFAULT_INTERVAL_SECONDS, &mut problems),
        cloudwatch,
        cloudwatch_seconds: given.number("cloudwatch_seconds", 60..=3_600, CLOUDWATCH_SECONDS, &mut problems),
        backfill_days: given.number("backfill_days", 0..=15, 15, &mut problems),
        sns: given.switch("sns", true),
        queue_prefix: given.text("queue_prefix"),
        queue_urls,
        endpoint_url,
    };
    // CloudWatch gives points of whole minutes only.
    let whole = Config {
        cloudwatch_seconds: config.cloudwatch_seconds / 60 * 60,
        ..config
    };
    if problems.is_empty() { Ok(whole) } else { Err(problems) }
}

fn regions(given: &Given<'_>, problems: &mut Vec<FieldProblem>) -> Vec<String> {
    let mut regions = given.list("regions");
    regions.dedup();
    if regions.is_empty() {
        let remedy = "Give at least one, for example eu-west-1.";
        problems.push(FieldProblem::new("regions", "names no region", remedy));
    }
    let plain = |name: &str| {
        let allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        name.chars().all(allowed) && name.contains('-')
    };
    for region in regions.iter().filter(|region| !plain(region)) {
        problems.push(FieldProblem::new(
            "regions",
            format!("{region:?} is not the name of a region"),
            "Write its code, for example eu-west-1.",
        ));
    }
    regions
}

fn login(given: &Given<'_>, problems: &mut Vec<FieldProblem>) -> Login {
    let mut needed = |key: &str, remedy: &str| {
        given.text(key).unwrap_or_else(|| {
            problems.push(FieldProblem::new(key, "is missing", remedy));
            String::new()
        })
    };
    match given.text("credentials").as_deref() {
        None | Some("automatic") => Login::Automatic,
        Some("environment") => Login::Environment,
        Some("profile") => Login::Profile(needed("profile", "Name a profile of ~/.aws/config.")),
        Some("web_identity") => match (given.text("web_identity_token_file"), given.text("web_identity_role")) {
            (None, None) => Login::WebIdentity(None),
            _ => Login::WebIdentity(Some((
                needed(
                    "web_identity_token_file",
                    "Name the file, or leave the role empty as well.",
                ),
                needed("web_identity_role", "Name the role, or leave the file empty as well."),
            ))),
        },
        Some("keys") => Login::Keys {
            id: needed("access_key_id", "Fill in the access key id."),
            secret: needed("secret_access_key", "Fill in the secret access key."),
            token: given.text("session_token"),
        },
        Some(other) => {
            let remedy = "Use automatic, environment, profile, web_identity or keys.";
            problems.push(FieldProblem::new(
                "credentials",
                format!("{other:?} is not a choice"),
                remedy,
            ));
            Login::Automatic
        }
    }
}

fn is_role(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    matches!(parts[..], ["arn", _, "iam", "", account, name]
        if account.len() == 12 && account.chars().all(|c| c.is_ascii_digit()) && name.starts_with("role/"))
}

/// Settings by key, where empty counts as absent.
struct Given<'a>(&'a Settings);

impl Given<'_> {
    fn text(&self, key: &str) -> Option<String> {
        let text = self.0.get(key)?.as_str()?.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    fn list(&self, key: &str) -> Vec<String> {
        let texts: Vec<&str> = match self.0.get(key) {
            Some(Value::Array(items)) => items.iter().filter_map(Value::as_str).collect(),
            Some(Value::String(text)) => text.split([',', '\n']).collect(),
            _ => Vec::new(),
        };
        let texts = texts.into_iter().map(str::trim);
        texts.filter(|text| !text.is_empty()).map(str::to_owned).collect()
    }

    fn switch(&self, key: &str, default: bool) -> bool {
        match self.0.get(key) {
            Some(Value::Bool(on)) => *on,
            Some(Value::String(text)) if !text.trim().is_empty() => text.trim() == "true",
            _ => default,
        }
    }

    fn number(
        &self,
        key: &str,
        range: std::ops::RangeInclusive<u64>,
        default: u64,
        problems: &mut Vec<FieldProblem>,
    ) -> u64 {
        let number = match self.0.get(key) {
            None | Some(Value::Null) => return default,
            Some(Value::String(text)) if text.trim().is_empty() => return default,
            Some(Value::String(text)) => text.trim().parse().ok(),
            Some(value) => value.as_u64(),
        };
        number.filter(|n| range.contains(n)).unwrap_or_else(|| {
            let remedy = format!("Give a whole number from {} to {}.", range.start(), range.end());
            problems.push(FieldProblem::new(key, "is not a number in range", remedy));
            default
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

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
            "queue_urls",
            "endpoint_url",
            "cloudwatch",
            "interval_seconds",
            "backfill_days",
        ];
        assert_eq!(wrong.err().unwrap(), expected);
        assert_eq!(read(json!({})).err().unwrap(), ["regions"]);
    }
}
