//! Good files say what they mean; bad ones are told line by line.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use brokerscope_collectors::{CollectError, Collector, Factory, ProbeReport};
use brokerscope_contract::{
    CheckDef, Comparison, Field, FieldKind, FieldProblem, Settings, Severity, Snapshot, System, Timestamp,
};
use serde_json::json;

use super::file::{Surroundings, parse};
use super::{Config, Outside, Problem};

/// A system with one field of each kind, so that these tests do not change with a real collector's table.
struct Sample;

impl Factory for Sample {
    fn system(&self) -> System {
        System::RabbitMq
    }

    fn fields(&self) -> Vec<Field> {
        let number = FieldKind::Number {
            min: 1,
            max: 60,
            unit: "seconds".into(),
        };
        vec![
            Field::text("hosts", "Hosts", "").of(FieldKind::List).required(),
            Field::text("user", "User", "").required(),
            Field::text("password", "Password", "").of(FieldKind::Secret),
            Field::text("tls", "TLS", "").of(FieldKind::Switch).default("false"),
            Field::text("ca", "CA", "")
                .of(FieldKind::Lines { secret: false })
                .only_when("tls", &["true"]),
            Field::text("timeout", "Timeout", "").of(number),
            Field::text("depth", "Depth", "").choice(&[("all", "All"), ("some", "Some")]),
        ]
    }

    fn checks(&self) -> Vec<CheckDef> {
        Vec::new()
    }

    fn build(&self, settings: &Settings) -> Result<Box<dyn Collector>, Vec<FieldProblem>> {
        if settings["user"] == "nobody" {
            return Err(vec![FieldProblem::new("user", "is nobody", "Be somebody.")]);
        }
        Ok(Box::new(Idle))
    }
}

struct Idle;

#[async_trait]
impl Collector for Idle {
    async fn probe(&mut self, _report: &ProbeReport) {}

    async fn collect(&mut self, at: Timestamp) -> Result<Snapshot, CollectError> {
        Ok(Snapshot::empty(at))
    }
}

fn read(text: &str) -> Result<Config, Vec<Problem>> {
    let factories: Vec<Box<dyn Factory>> = vec![Box::new(Sample)];
    let surroundings = Surroundings {
        factories: &factories,
        outside: Outside {
            folder: PathBuf::from("/etc/brokerscope"),
            env: &|name| (name == "RABBIT_PASSWORD").then(|| "from env".to_string()),
            read: &|path| match path == Path::new("/etc/brokerscope/ca.pem") {
                true => Ok("-----BEGIN\n".to_string()),
                false => Err(std::io::Error::from(std::io::ErrorKind::NotFound)),
            },
        },
    };
    parse(text, &surroundings)
}

/// Each problem as `line: key: detail (remedy)`.
fn problems(text: &str) -> Vec<String> {
    let found = read(text).expect_err("the file has problems");
    let line = |p: &Problem| format!("{}: {}: {} ({})", p.line, p.key, p.detail, p.remedy);
    found.iter().map(line).collect()
}

#[test]
fn an_empty_file_means_the_defaults() {
    let config = read("").unwrap();
    assert_eq!(config.server.listen, None);
    assert_eq!(config.store.keep.as_secs(), 30 * 86_400);
    assert!(config.connections.is_empty() && config.rules.is_empty() && config.webhook.is_none());
}

#[test]
fn a_full_file_says_everything() {
    let config = read(
        r#"
[server]
listen = "[::1]:8080"
data_dir = "data"
allowed_hosts = ["Scope.Example.com"]
external_url = "https://scope.example.com/"
[store]
keep = "10d"
max_size = "2 GiB"
[webhook]
url = { env = "RABBIT_PASSWORD" }
"#,
    );
    assert!(config.is_err(), "what the variable holds is not a web address");

    let config = read(
        r#"
[server]
listen = "[::1]:8080"
data_dir = "data"
allowed_hosts = ["Scope.Example.com"]
external_url = "https://scope.example.com/"
[store]
keep = "10d"
max_size = "2 GiB"
[webhook]
url = "https://hooks.example/T0KEN"
[[connection]]
name = " orders "
system = "rabbitmq"
hosts = ["a:1", "b:2"]
user = "watcher"
password = { env = "RABBIT_PASSWORD" }
tls = true
ca = { file = "ca.pem" }
timeout = 30
[[rule]]
name = "deep"
metric = "depth"
above = 1000
clear = 500.5
for = "5m"
severity = "critical"
connection = "orders"
kind = "queue"
match = "orders.*"
[[rule]]
name = "few readers"
metric = "consumers"
below = 1
"#,
    )
    .unwrap();
    assert_eq!(config.server.listen, Some("[::1]:8080".parse().unwrap()));
    assert_eq!(
        config.server.data_dir.as_deref(),
        Some(Path::new("/etc/brokerscope/data"))
    );
    assert_eq!(config.server.allowed_hosts, ["scope.example.com"]);
    assert_eq!(config.server.external_url.as_deref(), Some("https://scope.example.com"));
    assert_eq!(config.store.keep.as_secs(), 864_000);
    assert_eq!(config.store.max_size, Some(2 << 30));
    let connection = &config.connections[0];
    assert_eq!(connection.name, "orders");
    assert_eq!(connection.settings["hosts"], json!(["a:1", "b:2"]));
    assert_eq!(connection.settings["password"], "from env");
    assert_eq!(connection.settings["ca"], "-----BEGIN");
    assert_eq!(connection.settings["timeout"], 30);
    let deep = &config.rules[0];
    assert_eq!(
        (deep.rule.fire, deep.rule.clear, deep.rule.for_seconds),
        (1000.0, 500.5, 300)
    );
    assert_eq!(
        (deep.rule.severity, deep.connection.as_deref()),
        (Severity::Critical, Some("orders"))
    );
    let few = &config.rules[1].rule;
    assert_eq!((few.comparison, few.fire, few.clear), (Comparison::Below, 1.0, 1.0));
    let printed = format!("{config:?}");
    assert!(!printed.contains("from env") && !printed.contains("T0KEN"), "{printed}");
}

#[test]
fn every_problem_is_told_with_its_line_and_remedy_in_one_go() {
    let text = r#"
[server]
listen = "everywhere"
lisen = "127.0.0.1:1"
[store]
keep = "10 minutes"
max_size = "1 MB"
[[connection]]
name = "orders"
system = "rabbit"
[[connection]]
name = "orders"
system = "rabbitmq"
hosts = "a, b"
user = "u"
pasword = "p"
timeout = 61
depth = "som"
tls = "yes"
ca = 3.5
[[connection]]
system = "rabbitmq"
hosts = [1]
password = { env = "NO_SUCH" }
[[connection]]
name = "n"
system = "rabbitmq"
hosts = ["a"]
user = "nobody"
[[rule]]
name = "r"
metric = "dept"
above = 1
clear = 2
for = "9d"
[storage]
"#;
    let expected = [
        "3: server.listen: `everywhere` is not an address and a port (Write for example \"127.0.0.1:7070\" or \"[::1]:7070\".)",
        "4: server.lisen: is not a known key (Did you mean `listen`?)",
        "6: store.keep: is not a duration (Write a number and s, m, h, d or w in quotes, for example \"30d\".)",
        "7: store.max_size: is too small to work with (Allow at least \"50 MB\".)",
        "10: connection.orders.system: `rabbit` is not known (Did you mean `rabbitmq`?)",
        "16: connection.orders.pasword: is not a setting of this system (Did you mean `password`?)",
        "17: connection.orders.timeout: 61 is out of range (Give a whole number from 1 to 60 seconds.)",
        "18: connection.orders.depth: `som` is not one of the choices (Did you mean `some`?)",
        "19: connection.orders.tls: is neither true nor false (Write true or false, without quotes.)",
        "20: connection.orders.ca: is neither a text, a whole number, true or false, nor a list (Put it in quotes if it is a text.)",
        "21: connection.name: is missing (Add name = \"…\" to this [[connection]].)",
        "21: connection.user: User is missing (Fill in `user`.)",
        "23: connection.hosts: is not a list of texts (Write it as [\"one\", \"two\"].)",
        "24: connection.password: the environment variable NO_SUCH is not set (Set NO_SUCH before Brokerscope starts, or use { file = \"PATH\" }.)",
        "29: connection.n.user: is nobody (Be somebody.)",
        "32: rule.r.metric: there is no metric `dept` (Did you mean `depth`?)",
        "36: storage: is not a known key (Did you mean `store`?)",
    ];
    let found = problems(text);
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(found, expected);
    }
    assert_eq!(found.len(), expected.len(), "{found:#?}");
}

#[test]
fn the_address_of_the_webhook_is_one_that_can_be_reached() {
    for (url, fine) in [
        ("https://hooks.example/T0KEN", true),
        ("http://[::1]:8080/", true),
        ("https://", false),
        ("https://hooks.example:99999/", false),
        ("ftp://hooks.example/", false),
        ("hooks.example", false),
    ] {
        let found = read(&format!("[webhook]\nurl = \"{url}\"\n"));
        assert_eq!(found.is_ok(), fine, "{url}");
    }
}

#[test]
fn names_are_unique_and_a_rule_is_checked_like_on_the_page() {
    let text = r#"
[[connection]]
name = "a"
system = "rabbitmq"
hosts = ["h"]
user = "u"
ca = "x"
[[connection]]
name = "b"
system = "rabbitmq"
hosts = ["h"]
user = "u"
[[connection]]
name = "b "
system = "rabbitmq"
hosts = ["h"]
user = "u"
[[rule]]
name = "r"
metric = "depth"
above = 1
below = 2
[[rule]]
name = "r2"
metric = "depth"
above = 1
clear = 2
for = "9d"
match = ""
"#;
    assert_eq!(
        problems(text),
        [
            "7: connection.a.ca: has no effect unless `tls` is true (Remove it, or set `tls`.)",
            "14: connection.name: another connection is called \"b\" already (Give each connection a name of its own.)",
            "18: rule.r.above: `above` and `below` are both given (Give exactly one: above = NUMBER, or below = NUMBER.)",
            "27: rule.r2.clear: 2 is on the firing side of 1 (Set it at or below 1.)",
            "28: rule.r2.for: is longer than a week (Wait at most 604800 seconds.)",
            "29: rule.r2.match: is empty (Leave it out to match every name, or write for example `orders.*`.)",
        ]
    );
}

#[test]
fn what_is_not_toml_is_told_where_and_nothing_else() {
    let found = read("[server]\nlisten = 127.0.0.1\nnonsense = 3\n").unwrap_err();
    assert_eq!(found[0].line, 2);
    assert!(found[0].remedy.contains("TOML"));
    assert!(!found.iter().any(|problem| problem.key.contains("nonsense")));
}

#[test]
fn a_table_in_the_wrong_shape_is_told() {
    assert_eq!(
        problems("server = 3\n[connection]\nname = \"a\"\n"),
        [
            "1: server: is not a table (Write `[server]` above its keys.)",
            "2: connection: is not a list of tables (Write `[[connection]]` above each of them.)",
        ]
    );
}

#[test]
fn the_example_in_the_repository_is_good() {
    let factories = brokerscope_collectors::factories();
    let surroundings = Surroundings {
        factories: &factories,
        outside: Outside {
            folder: PathBuf::new(),
            env: &|name| Some(format!("https://{name}.example")),
            read: &|_| Err(std::io::Error::from(std::io::ErrorKind::NotFound)),
        },
    };
    let example = include_str!("../../../brokerscope.example.toml");
    let config = parse(example, &surroundings).unwrap_or_else(|problems| panic!("{problems:#?}"));
    assert_eq!((config.connections.len(), config.rules.len()), (3, 2));
    // Also what is commented out has to be right.
    let whole: String = example
        .lines()
        .map(|line| match line.strip_prefix("# ") {
            Some(code) if code.contains(" = ") && !code.contains("env = \"R") || code.starts_with('[') => code,
            _ => line,
        })
        .filter(|line| !line.contains("{ file"))
        .collect::<Vec<_>>()
        .join("\n");
    let config = parse(&whole, &surroundings).unwrap_or_else(|problems| panic!("{problems:#?}"));
    assert!(config.webhook.is_some() && config.store.max_size.is_some());
}
