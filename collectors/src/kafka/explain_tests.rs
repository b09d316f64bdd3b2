//! Lines that librdkafka 2.12 wrote against Apache Kafka 4.1 and against services that are no Kafka.

use serde_json::json;

use super::*;

fn config(protocol: &str) -> Config {
    let settings = json!({"bootstrap_servers": ["a:1"], "security_protocol": protocol, "user": "u", "password": "p"});
    super::super::config::parse(&serde_json::from_value(settings).unwrap())
        .ok()
        .unwrap()
}

fn log(text: &str) -> Happening {
    Happening::Log {
        facility: "FAIL".into(),
        text: text.into(),
    }
}

#[test]
fn each_line_has_its_cause() {
    for (line, expected) in [
        (
            "[thrd:127.0.0.1:1/bootstrap]: 127.0.0.1:1/bootstrap: Connect to ipv4#127.0.0.1:1 failed: Connection refused \
             (after 0ms in state CONNECT)",
            Some(Cause::Refused),
        ),
        (
            "nohost.invalid:9092/bootstrap: Failed to resolve 'nohost.invalid:9092': Name or service not known (after 1ms \
             in state CONNECT)",
            Some(Cause::NameLookup),
        ),
        (
            "ssl://127.0.0.1:23101/bootstrap: SSL handshake failed: Disconnected: SSL connection closed by peer: connecting \
             to a PLAINTEXT broker listener? (after 2ms in state SSL_HANDSHAKE)",
            Some(Cause::NoTls),
        ),
        (
            "ssl://127.0.0.1:27611/bootstrap: SSL handshake failed: error:0A00010B:SSL routines::wrong version number \
             (after 1ms in state SSL_HANDSHAKE)",
            Some(Cause::NoTls),
        ),
        (
            "ssl://localhost:23102/bootstrap: SSL handshake failed: error:0A000086:SSL routines::certificate verify failed: \
             broker certificate could not be verified, verify that ssl.ca.location is correctly configured or root CA \
             certificates are installed (install ca-certificates package) (after 8ms in state SSL_HANDSHAKE)",
            Some(Cause::Certificate),
        ),
        (
            "ssl://localhost:23105/bootstrap: Receive failed: error:0A000412:SSL routines::ssl/tls alert bad certificate: \
             SSL alert number 42 (after 3ms in state APIVERSION_QUERY)",
            Some(Cause::TlsRefused),
        ),
        (
            "127.0.0.1:23102/bootstrap: Disconnected: connection closed by peer: receive 0 after POLLIN (after 2ms in state \
             APIVERSION_QUERY)",
            Some(Cause::ClosedAtOnce),
        ),
        (
            "127.0.0.1:23103/bootstrap: Disconnected: connection closed by peer: receive 0 after POLLIN (after 0ms in state UP)",
            Some(Cause::ClosedWithoutLogin),
        ),
        (
            "127.0.0.1:27611/bootstrap: ApiVersionRequest failed: Local: Timed out: probably due to broker version < 0.10 \
             (see api.version.request configuration) (after 4003ms in state APIVERSION_QUERY)",
            Some(Cause::Mute),
        ),
        (
            "127.0.0.1:27601/bootstrap: Receive failed: Invalid response size 1095586128 (0..100000000): increase \
             receive.message.max.bytes (after 1ms in state APIVERSION_QUERY)",
            Some(Cause::NotKafka),
        ),
        (
            "sasl_plaintext://127.0.0.1:23101/bootstrap: SASL PLAIN mechanism handshake failed: Broker: Request not valid in \
             current SASL state: broker's supported mechanisms:  (after 2ms in state AUTH_HANDSHAKE)",
            Some(Cause::NoLogin),
        ),
        (
            "sasl_plaintext://127.0.0.1:23103/bootstrap: SASL SCRAM-SHA-512 mechanism handshake failed: Broker: Unsupported \
             SASL mechanism: broker's supported mechanisms: PLAIN,SCRAM-SHA-256 (after 301ms in state AUTH_HANDSHAKE)",
            Some(Cause::Mechanism),
        ),
        (
            "sasl_plaintext://127.0.0.1:23103/bootstrap: SASL authentication error: Authentication failed: Invalid username \
             or password (after 350ms in state AUTH_REQ)",
            Some(Cause::Login),
        ),
        (
            "sasl_plaintext://127.0.0.1:23103/bootstrap: SASL authentication error: Authentication failed during \
             authentication due to invalid credentials with SASL mechanism SCRAM-SHA-256 (after 329ms in state AUTH_REQ)",
            Some(Cause::Login),
        ),
        ("[thrd:127.0.0.1:1/bootstrap]: 1/1 brokers are down", None),
        ("librdkafka v2.12.1 initialized", None),
    ] {
        assert_eq!(cause(line), expected, "{line}");
    }
}

#[test]
fn the_cause_that_came_furthest_counts_and_names_its_broker() {
    let reported = [
        log("b:2/bootstrap: Connect to ipv4#10.0.0.1:2 failed: Connection refused (after 0ms in state CONNECT)"),
        log(
            "[thrd:sasl_plaintext://a:1/bootstrap]: sasl_plaintext://a:1/bootstrap: SASL authentication error: \
             Authentication failed: Invalid username or password (after 350ms in state AUTH_REQ)",
        ),
        log("[thrd:main]: 2/2 brokers are down"),
    ];
    let error = explain(&reported, &config("SASL_PLAINTEXT"), &Trouble::timed_out(), false);
    assert!(matches!(error, CollectError::Login { .. }), "{error:?}");
    assert_eq!(error.to_string(), "a:1 refused the login with PLAIN.");
    assert!(!error.remedy().is_empty());
}

#[test]
fn without_a_reason_it_is_a_timeout() {
    let error = explain(&[], &config("PLAINTEXT"), &Trouble::timed_out(), false);
    assert!(matches!(error, CollectError::TimedOut { .. }), "{error:?}");
}

#[test]
fn sentences_carry_what_the_line_adds() {
    for (line, expected) in [
        (
            "sasl_ssl://[::1]:9/bootstrap: SASL SCRAM-SHA-512 mechanism handshake failed: Broker: Unsupported SASL mechanism: \
             broker's supported mechanisms: PLAIN,SCRAM-SHA-256 (after 1ms in state AUTH_HANDSHAKE)",
            "[::1]:9 does not offer the login mechanism PLAIN; it offers PLAIN,SCRAM-SHA-256.",
        ),
        (
            "ssl://a:1/bootstrap: Receive failed: error:0A000412:SSL routines::ssl/tls alert bad certificate: SSL alert number \
             42 (after 3ms in state APIVERSION_QUERY)",
            "a:1 wants a client certificate, and none is configured: bad certificate.",
        ),
        (
            "ssl://a:1/bootstrap: SSL handshake failed: error:0A000410:SSL routines::ssl/tls alert handshake failure: SSL \
             alert number 40 (after 3ms in state SSL_HANDSHAKE)",
            "a:1 broke off the TLS handshake: handshake failure.",
        ),
        (
            "a:1/bootstrap: Receive failed: Invalid response size 1095586128 (0..100000000)",
            "a:1 answers, but not as Kafka does.",
        ),
    ] {
        let error = explain(&[log(line)], &config("SASL_SSL"), &Trouble::timed_out(), false);
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn what_openssl_says_of_a_key_is_shortened_to_its_words() {
    let reason = "ssl.key.pem failed: crypto/x509/x509_cmp.c:413:ossl_x509_check_private_key error:05800074:x509 certificate \
                  routines::key values mismatch";
    let error = refused(reason);
    assert_eq!(
        error.to_string(),
        "The Kafka client cannot use the settings: ssl.key.pem: key values mismatch."
    );
    assert_eq!(
        refused("no such thing").to_string(),
        "The Kafka client cannot use the settings: no such thing."
    );
}

#[test]
fn a_listener_that_has_answered_before_is_not_suspected_of_wanting_a_login() {
    let line = "127.0.0.1:9092/bootstrap: Disconnected while requesting ApiVersion (after 1ms in state UP)";
    let told = |met| explain(&[log(line)], &config("PLAINTEXT"), &Trouble::timed_out(), met);
    assert!(told(false).remedy().contains("login"), "{}", told(false).remedy());
    assert!(
        told(true).remedy().contains("the broker runs"),
        "{}",
        told(true).remedy()
    );
}
