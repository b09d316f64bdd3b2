//! Kafka with TLS, logins and permissions: one node whose users lack one permission each.
//!
//! The plain listener is there for whoever looks after the node: who has not logged in may do everything on it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::Java;
use crate::brokers::catalogue::{Broker, Listener};
use crate::brokers::server;
use crate::failure::{Failure, Outcome};
use crate::{files, process};

/// May do everything.
const ADMIN: &str = "admin";
/// May do what the documentation asks for, by the commands that stand there.
const WATCHER: &str = "watcher";
/// May log in and nothing else.
const NOBODY: &str = "nobody";
/// What the documentation's commands grant, for users who get all of it but one: the user who lacks it, the
/// operation, and the words for what it is granted on.
const GRANTS: [(&str, &str, &[&str]); 4] = [
    ("no-cluster", "Describe", &["--cluster"]),
    ("no-topics", "Describe", &["--topic", "*"]),
    ("no-configs", "DescribeConfigs", &["--topic", "*"]),
    ("no-groups", "Describe", &["--group", "*"]),
];
/// Who has a certificate from our authority, by its subject.
const CERTIFIED: &str = "CN=client";

/// Listeners beside the plain one: Kafka's name for each, the key in `endpoints.json`, protocol and certificate.
const LISTENERS: [(Listener, &str, &str, &str, &str); 5] = [
    (Listener::Login, "LOGIN", "login", "SASL_PLAINTEXT", ""),
    (Listener::LoginTls, "LOGINTLS", "login_tls", "SASL_SSL", "server"),
    (
        Listener::ClientCertificate,
        "CERTIFICATE",
        "client_certificate",
        "SSL",
        "server",
    ),
    (Listener::ByName, "BYNAME", "by_name", "SSL", "by-name"),
    (Listener::Expired, "EXPIRED", "expired", "SSL", "expired"),
];
/// What `kafka-acls.sh` runs since 4.0.
const ACLS_CLASS: &str = "org.apache.kafka.tools.AclCommand";
const MECHANISMS: [&str; 2] = ["SCRAM-SHA-256", "SCRAM-SHA-512"];

/// Passwords by user.
pub fn users() -> BTreeMap<String, String> {
    let lacking = GRANTS.iter().map(|(user, ..)| *user);
    [ADMIN, WATCHER, NOBODY]
        .into_iter()
        .chain(lacking)
        .map(|user| (user.to_owned(), format!("secret-of-{user}")))
        .collect()
}

/// Addresses by what they ask of a client.
pub fn addresses(broker: &Broker) -> BTreeMap<&'static str, String> {
    LISTENERS
        .iter()
        .map(|(listener, _, key, ..)| (*key, broker.address(*listener, 1)))
        .collect()
}

/// The listeners with what each asks of a client, and who may do everything. Fails with the port that is taken.
pub fn listeners(broker: &Broker, certificates: &Path) -> Outcome<String> {
    for (listener, ..) in LISTENERS {
        server::ensure_free(
            &format!("{} ({})", broker.name, listener.label()),
            &broker.address(listener, 1),
        )?;
    }
    Ok(properties(broker, certificates))
}

fn properties(broker: &Broker, certificates: &Path) -> String {
    let named = |(listener, name, ..): &(Listener, &str, &str, &str, &str)| {
        format!("{name}://{}", broker.address(*listener, 1))
    };
    let secured: Vec<_> = LISTENERS.iter().map(named).collect();
    let protocols: Vec<_> = LISTENERS
        .iter()
        .map(|(_, name, _, protocol, _)| format!("{name}:{protocol}"))
        .collect();
    let plain = format!("PLAINTEXT://{}", broker.address(Listener::Clients, 1));
    let mut lines = vec![
        format!(
            "listeners={plain},CONTROLLER://{},{}",
            broker.address(Listener::Nodes, 1),
            secured.join(",")
        ),
        format!("advertised.listeners={plain},{}", secured.join(",")),
        format!(
            "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,{}",
            protocols.join(",")
        ),
        "authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer".to_owned(),
        format!("super.users=User:ANONYMOUS;User:{ADMIN};User:{CERTIFIED}"),
        "num.network.threads=1".to_owned(),
    ];
    for (_, name, _, _, certificate) in LISTENERS.iter().filter(|(.., certificate)| !certificate.is_empty()) {
        let prefix = format!("listener.name.{}.ssl", name.to_lowercase());
        let (folder, pem) = (certificates.display(), "type=PEM");
        lines.extend([
            format!("{prefix}.keystore.{pem}"),
            format!("{prefix}.keystore.location={folder}/{certificate}-with-key.pem"),
            format!("{prefix}.truststore.{pem}"),
            format!("{prefix}.truststore.location={folder}/ca.pem"),
        ]);
    }
    lines.push("listener.name.certificate.ssl.client.auth=required".to_owned());
    // One listener with a single mechanism, so that there is one to be refused.
    lines.push(format!("listener.name.login.sasl.enabled.mechanisms={}", MECHANISMS[0]));
    lines.push(format!(
        "listener.name.logintls.sasl.enabled.mechanisms=PLAIN,{}",
        MECHANISMS.join(",")
    ));
    for (listener, mechanism) in [("login", 0), ("logintls", 0), ("logintls", 1)] {
        lines.push(format!(
            "listener.name.{listener}.{}.sasl.jaas.config=\
             org.apache.kafka.common.security.scram.ScramLoginModule required;",
            MECHANISMS[mechanism].to_lowercase()
        ));
    }
    let known: Vec<_> = users()
        .into_iter()
        .map(|(user, password)| format!("user_{user}=\"{password}\""))
        .collect();
    lines.push(format!(
        "listener.name.logintls.plain.sasl.jaas.config=\
         org.apache.kafka.common.security.plain.PlainLoginModule required {};",
        known.join(" ")
    ));
    lines.join("\n") + "\n"
}

/// What a node is formatted with so that the users can log in with SCRAM.
pub fn format_words() -> Vec<String> {
    let mut words = Vec::new();
    for (user, password) in users() {
        for mechanism in MECHANISMS {
            words.push("--add-scram".to_owned());
            words.push(format!("{mechanism}=[name={user},password={password}]"));
        }
    }
    words
}

/// Whatever the node's users, permissions and certificates come from. A node that was made from something else is made
/// anew.
pub fn recipe(certificates: &Path) -> Outcome<String> {
    let authority = files::read_text(&certificates.join("ca.pem"))?;
    let documented = documented()?.join("\n");
    Ok(format!("{:?}\n{GRANTS:?}\n{documented}\n{authority}", users()))
}

/// Grants what the documentation says, word by word, and to each of the others all but one thing.
pub fn grant(broker: &Broker, java: &Java) -> Outcome {
    let address = broker.address(Listener::Clients, 1);
    let mut commands = Vec::new();
    for command in documented()? {
        let command = command.replace("HOST:9092", &address);
        let words = command.replace("User:brokerscope", &format!("User:{WATCHER}"));
        // Quotes around * are the shell's.
        let words = words.split_whitespace().skip(1).map(|word| word.trim_matches('\''));
        commands.push(words.map(str::to_owned).collect());
    }
    for (lacking, operation, on) in GRANTS {
        let others = GRANTS.iter().filter(|(user, ..)| *user != lacking);
        let mut words = vec!["--bootstrap-server", &address, "--add", "--operation", operation];
        words.extend(on);
        let principals: Vec<_> = others.map(|(user, ..)| format!("User:{user}")).collect();
        for principal in &principals {
            words.extend(["--allow-principal", principal]);
        }
        commands.push(words.into_iter().map(str::to_owned).collect());
    }
    run_all(java, &commands)
}

/// Most of such a command is the start of Java, so they run beside each other.
fn run_all(java: &Java, commands: &[Vec<String>]) -> Outcome {
    std::thread::scope(|scope| {
        let run = |words| move || kafka_acls(java, words);
        let running: Vec<_> = commands.iter().map(|words| scope.spawn(run(words))).collect();
        let mut ended = running.into_iter().map(|thread| thread.join());
        ended.try_for_each(|outcome| outcome.unwrap_or_else(|_| Err(Failure::new("kafka-acls was not run to its end"))))
    })
}

fn kafka_acls(java: &Java, words: &[String]) -> Outcome {
    let options = ["-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"];
    process::stdout(java.class(&options, ACLS_CLASS).args(words)).map(|_| ())
}

/// The commands of `docs/kafka.md`, each on one line.
fn documented() -> Outcome<Vec<String>> {
    let page: PathBuf = files::root()?.join("docs/kafka.md");
    let text = files::read_text(&page)?;
    let block = text.split("```sh\n").nth(1).and_then(|rest| rest.split("```").next());
    let block = block.unwrap_or_default().replace("\\\n", " ");
    let commands: Vec<_> = block
        .lines()
        .filter(|line| line.starts_with("kafka-acls.sh "))
        .map(str::to_owned)
        .collect();
    match commands.is_empty() {
        true => Err(Failure::new(format!("{} holds no kafka-acls.sh", page.display()))),
        false => Ok(commands),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::brokers::catalogue::named;

    #[test]
    fn the_documentation_is_what_the_watcher_gets() {
        let commands = documented().unwrap();
        assert!(commands.iter().all(|command| command.contains("User:brokerscope")));
        assert!(
            commands
                .iter()
                .all(|command| command.contains("--bootstrap-server HOST:9092"))
        );
        // What is granted to the users who lack one thing is the same, taken apart.
        for (_, operation, on) in GRANTS {
            let on = on.join(" ").replace('*', "'*'");
            let granted =
                |command: &&String| command.contains(&format!("--operation {operation}")) && command.contains(&on);
            assert!(commands.iter().any(|command| granted(&command)), "{operation} {on}");
        }
    }

    #[test]
    fn every_secured_listener_is_bound_and_advertised() {
        let broker = named(&["kafka-secure"]).unwrap()[0];
        let text = properties(broker, Path::new("/certificates"));
        for (key, address) in addresses(broker) {
            assert_eq!(text.matches(&address).count(), 2, "{key}: {text}");
        }
    }
}
