//! The settings of a NATS connection in form order.

use brokerscope_contract::{Field, FieldKind};

use super::config::{DEFAULT_INTERVAL_SECONDS, DEFAULT_TIMEOUT_SECONDS};

/// The field table.
pub fn fields() -> Vec<Field> {
    let mut fields = ways_in();
    fields.extend(logins());
    fields.extend(tls());
    fields.extend(habits());
    fields
}

fn ways_in() -> Vec<Field> {
    vec![
        Field::text(
            "servers",
            "Server addresses",
            "Where clients connect; others of the cluster are found. A user of the system account sees all servers and \
             accounts; any other user sees its own account. May be left empty when monitoring addresses are given.",
        )
        .of(FieldKind::List)
        .placeholder("nats://nats-1.example:4222"),
        Field::text(
            "monitoring_urls",
            "Monitoring addresses",
            "The monitoring port of every server, which needs no login. Not needed with a user of the system account.",
        )
        .of(FieldKind::List)
        .placeholder("http://nats-1.example:8222"),
    ]
}

fn logins() -> Vec<Field> {
    vec![
        Field::text("login", "Login", "How to log in at the server addresses.")
            .choice(&[
                ("none", "None"),
                ("password", "User and password"),
                ("token", "Token"),
                ("credentials", "Credentials file"),
                ("nkey", "Nkey"),
            ])
            .default("none"),
        Field::text(
            "user",
            "User",
            "A user of the system account, or of the account to watch.",
        )
        .placeholder("brokerscope")
        .only_when("login", &["password"]),
        Field::text("password", "Password", "Stored encrypted and never shown again.")
            .of(FieldKind::Secret)
            .only_when("login", &["password"]),
        Field::text("token", "Token", "Stored encrypted and never shown again.")
            .of(FieldKind::Secret)
            .only_when("login", &["token"]),
        Field::text(
            "credentials",
            "Credentials file",
            "The text of the .creds file. Stored encrypted and never shown again.",
        )
        .of(FieldKind::Lines { secret: true })
        .placeholder("-----BEGIN NATS USER JWT-----")
        .only_when("login", &["credentials"]),
        Field::text(
            "nkey_seed",
            "Nkey seed",
            "Begins with SU. Stored encrypted and never shown again.",
        )
        .of(FieldKind::Secret)
        .only_when("login", &["nkey"]),
    ]
}

fn tls() -> Vec<Field> {
    vec![
        Field::text(
            "ca_certificate",
            "Certificate authority",
            "PEM of the authority that signed the servers' certificates. Left empty, the system's authorities count.",
        )
        .of(FieldKind::Lines { secret: false })
        .placeholder("-----BEGIN CERTIFICATE-----")
        .advanced(),
        Field::text(
            "client_certificate",
            "Client certificate",
            "PEM of the certificate by which the servers know this client, where they ask for one.",
        )
        .of(FieldKind::Lines { secret: false })
        .placeholder("-----BEGIN CERTIFICATE-----")
        .advanced(),
        Field::text(
            "client_key",
            "Client key",
            "PEM of the private key of the client certificate.",
        )
        .of(FieldKind::Lines { secret: true })
        .placeholder("-----BEGIN PRIVATE KEY-----")
        .advanced(),
        Field::text(
            "tls_first",
            "TLS first",
            "For servers with handshake_first: TLS begins before the server has said anything.",
        )
        .of(FieldKind::Switch)
        .default("false")
        .advanced(),
        Field::text(
            "tls_insecure",
            "Accept any certificate",
            "Switches off the check of the servers' certificates: the login can then be read by whoever sits between. \
             For tests only.",
        )
        .of(FieldKind::Switch)
        .default("false")
        .advanced(),
    ]
}

fn habits() -> Vec<Field> {
    vec![
        Field::text(
            "accounts",
            "Only these accounts",
            "Left empty, all accounts that the login may see.",
        )
        .of(FieldKind::List)
        .placeholder("SHOP")
        .advanced(),
        Field::text(
            "jetstream_domain",
            "JetStream domain",
            "For an ordinary account: the domain to ask, such as the one of a leaf node. Left empty, the servers' own.",
        )
        .placeholder("hub")
        .advanced(),
        Field::text(
            "inbox_prefix",
            "Inbox prefix",
            "The subject under which answers come in, where the user may not subscribe to _INBOX.>.",
        )
        .placeholder("_INBOX_brokerscope")
        .advanced(),
        number(
            "interval_seconds",
            "Interval",
            "Time between two visits. Slower questions (configuration, connections) are asked less often by themselves.",
            (5, 3_600, DEFAULT_INTERVAL_SECONDS),
        ),
        number(
            "timeout_seconds",
            "Timeout",
            "How long one request may take.",
            (1, 60, DEFAULT_TIMEOUT_SECONDS),
        ),
    ]
}

fn number(key: &str, label: &str, help: &str, (min, max, default): (i64, i64, u64)) -> Field {
    let unit = "seconds".into();
    Field::text(key, label, help)
        .of(FieldKind::Number { min, max, unit })
        .default(&default.to_string())
        .advanced()
}
