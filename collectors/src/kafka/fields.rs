//! The field table of a Kafka connection: form, file format and documentation are made from it.

use brokerscope_contract::{Field, FieldKind};

use super::config::{DEFAULT_INTERVAL_SECONDS, WITH_SASL, WITH_TLS};
use super::{connect, registry, rest};

/// The settings in form order.
pub fn fields() -> Vec<Field> {
    let mut fields = of_brokers();
    fields.extend(connect::fields());
    fields.extend(registry::fields());
    fields.extend(rest::fields());
    fields
}

fn of_brokers() -> Vec<Field> {
    let certificate = FieldKind::Lines { secret: false };
    let key = FieldKind::Lines { secret: true };
    let patterns = "`*` stands for any characters, `?` for one.";
    vec![
        Field::text(
            "bootstrap_servers",
            "Bootstrap servers",
            "Addresses of some brokers as host:port. One is enough to find all; name several so that one may be down.",
        )
        .of(FieldKind::List)
        .required()
        .placeholder("kafka-1.example:9092"),
        Field::text(
            "security_protocol",
            "Security",
            "How the brokers' listener is secured: with TLS (SSL), with a login (SASL), both, or neither.",
        )
        .choice(&[
            ("PLAINTEXT", "None (PLAINTEXT)"),
            ("SSL", "TLS (SSL)"),
            ("SASL_PLAINTEXT", "Login without TLS (SASL_PLAINTEXT)"),
            ("SASL_SSL", "Login over TLS (SASL_SSL)"),
        ])
        .default("PLAINTEXT"),
        Field::text(
            "sasl_mechanism",
            "Login mechanism",
            "The SASL mechanism that the listener accepts. PLAIN sends the password as it is: use it over TLS only.",
        )
        .choice(&[
            ("PLAIN", "PLAIN"),
            ("SCRAM-SHA-256", "SCRAM-SHA-256"),
            ("SCRAM-SHA-512", "SCRAM-SHA-512"),
        ])
        .default("PLAIN")
        .only_when("security_protocol", WITH_SASL),
        Field::text(
            "user",
            "User",
            "Needs Describe on the cluster, on topics and on groups, and DescribeConfigs on topics; never more.",
        )
        .required()
        .only_when("security_protocol", WITH_SASL),
        Field::text("password", "Password", "Stored encrypted and never shown again.")
            .of(FieldKind::Secret)
            .required()
            .only_when("security_protocol", WITH_SASL),
        Field::text(
            "ca_certificate",
            "Certificate authority",
            "PEM of the authority that signed the brokers' certificates. Left empty, the system's authorities count.",
        )
        .of(certificate.clone())
        .placeholder("-----BEGIN CERTIFICATE-----")
        .only_when("security_protocol", WITH_TLS),
        Field::text(
            "client_certificate",
            "Client certificate",
            "PEM of the certificate by which the brokers know this client, where they ask for one.",
        )
        .of(certificate)
        .placeholder("-----BEGIN CERTIFICATE-----")
        .only_when("security_protocol", WITH_TLS),
        Field::text(
            "client_key",
            "Client key",
            "PEM of the private key of the client certificate.",
        )
        .of(key)
        .placeholder("-----BEGIN PRIVATE KEY-----")
        .only_when("security_protocol", WITH_TLS),
        Field::text(
            "client_key_password",
            "Client key password",
            "Only when the private key is encrypted.",
        )
        .of(FieldKind::Secret)
        .only_when("security_protocol", WITH_TLS),
        Field::text(
            "check_hostname",
            "Check host names",
            "Whether a broker's certificate must name the host that was connected to. Switch off only for tests.",
        )
        .of(FieldKind::Switch)
        .default("true")
        .only_when("security_protocol", WITH_TLS)
        .advanced(),
        Field::text(
            "topics_include",
            "Only these topics",
            &format!("Patterns of topic names; left empty, all topics. {patterns}"),
        )
        .of(FieldKind::List)
        .placeholder("shop.*")
        .advanced(),
        Field::text(
            "topics_exclude",
            "Not these topics",
            &format!("Patterns of topic names that are not watched even when included above. {patterns}"),
        )
        .of(FieldKind::List)
        .advanced(),
        Field::text(
            "groups_include",
            "Only these consumer groups",
            &format!("Patterns of group names; left empty, all groups. {patterns}"),
        )
        .of(FieldKind::List)
        .advanced(),
        Field::text(
            "groups_exclude",
            "Not these consumer groups",
            &format!("Patterns of group names that are not watched even when included above. {patterns}"),
        )
        .of(FieldKind::List)
        .placeholder("console-consumer-*")
        .advanced(),
        Field::text(
            "interval_seconds",
            "Interval",
            "Time between two visits. Slower questions (settings, sizes) are asked less often by themselves.",
        )
        .of(FieldKind::Number {
            min: 5,
            max: 3_600,
            unit: "seconds".into(),
        })
        .default(&DEFAULT_INTERVAL_SECONDS.to_string())
        .advanced(),
    ]
}
