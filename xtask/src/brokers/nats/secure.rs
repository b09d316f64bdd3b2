//! NATS with TLS for clients that have a certificate, and users who lack one permission each.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::time::Duration;

use super::{READY_LIMIT, ensure_program, servers, settings_file};
use crate::brokers::catalogue::{Broker, Listener};
use crate::brokers::certificates;
use crate::brokers::endpoints::Endpoints;
use crate::brokers::server::{self, Server};
use crate::failure::{Failure, Outcome};
use crate::{files, progress};

/// Who lacks one row of the documentation's table: the user, and what the subjects of that row hold.
const LACKING: [(&str, &str); 6] = [
    ("no-streams", "$JS.API."),
    ("no-connections", ".CONNZ"),
    ("no-traffic", ".STATZ"),
    ("no-account-name", "$SYS.REQ.USER.INFO"),
    ("no-services", "$SRV."),
    ("no-announcements", "$JS.EVENT."),
];
/// May do everything in the account `APP`.
const APP: &str = "app";
/// Has what the documentation says for an ordinary account, and for the system account.
const WATCHER: &str = "watcher";
const SYSTEM_WATCHER: &str = "system-watcher";
/// Like the watcher; known by this key. Its seed is no secret: it stands in the tests as well.
const NKEY: &str = "UDXU4RCSJNZOIQHZNWXHXORDPRTGNJAHAHFRGZNEEJCPQTT2M7NLCNF4";

/// Starts the server unless it runs, and waits until it greets.
pub fn up(broker: &Broker, version: &str, brokers: &Path) -> Outcome<Endpoints> {
    let program = ensure_program(version, brokers)?;
    let certificates = certificates::ensure(brokers)?;
    let folder = broker.folder(brokers);
    let servers = servers(broker, brokers);
    let mut children = Vec::new();
    for node in &servers {
        if let Some(pid) = node.pid() {
            progress::note(&format!("{} runs already, pid {pid}", node.label));
            children.push(None);
            continue;
        }
        for listener in [Listener::Clients, Listener::PrometheusTls] {
            let label = format!("{} ({})", node.label, listener.label());
            server::ensure_free(&label, &broker.address(listener, 1))?;
        }
        let file = settings_file(&folder, 1);
        let text = settings(broker, &folder.join("node1"), &certificates, &documented()?);
        files::write(&file, text.as_bytes())?;
        let child = node.start(Command::new(&program).current_dir(&folder).arg("-c").arg(&file))?;
        node.keep_pid(&child)?;
        children.push(Some(child));
    }
    server::wait(&servers, &mut children, READY_LIMIT, || ready(broker))?;
    Ok(Endpoints {
        system: "nats",
        version: version.to_owned(),
        secured: BTreeMap::from([
            ("clients", broker.address(Listener::Clients, 1)),
            ("monitoring", broker.address(Listener::PrometheusTls, 1)),
        ]),
        users: users(),
        certificates: Some(certificates.display().to_string()),
        ctl: program.display().to_string(),
        nodes: vec![super::settings::name(broker, 1)],
        node_pids: servers.iter().filter_map(Server::pid).collect(),
        ..Endpoints::default()
    })
}

fn users() -> BTreeMap<String, String> {
    let lacking = LACKING.iter().map(|(user, _)| *user);
    [APP, WATCHER, SYSTEM_WATCHER]
        .into_iter()
        .chain(lacking)
        .map(|user| (user.to_owned(), format!("secret-of-{user}")))
        .collect()
}

/// The certificate is for localhost only, so that there is a wrong name for it: 127.0.0.1.
fn settings(broker: &Broker, data: &Path, certificates: &Path, rights: &Rights) -> String {
    let passwords = users();
    let login = |user: &str| format!("user: {user}, password: {}", passwords[user]);
    let mut accounts = format!(
        "accounts {{\n  SYS {{\n    users: [ {{ {}, {} }} ]\n    \
         imports: [ {{ stream: {{ account: APP, subject: \"$JS.EVENT.ADVISORY.>\" }}, prefix: APP }} ]\n  }}\n  \
         APP {{\n    jetstream: enabled\n    \
         exports: [ {{ stream: \"$JS.EVENT.ADVISORY.>\", accounts: [SYS] }} ]\n    users: [\n      {{ {} }}\n",
        login(SYSTEM_WATCHER),
        rights.system,
        login(APP),
    );
    // Writing to a String cannot fail.
    let _ = writeln!(accounts, "      {{ {}, {} }}", login(WATCHER), rights.ordinary);
    let _ = writeln!(accounts, "      {{ nkey: {NKEY}, {} }}", rights.ordinary);
    for (user, lacked) in LACKING {
        let rest = without(&rights.ordinary, lacked);
        let _ = writeln!(accounts, "      {{ {}, {rest} }}", login(user));
    }
    format!(
        "server_name: \"{name}\"\nlisten: \"{clients}\"\nhttps: \"{monitoring}\"\n\
         tls {{ cert_file: \"{pem}/by-name.pem\", key_file: \"{pem}/by-name.key\", ca_file: \"{pem}/ca.pem\", \
         verify: true }}\n\
         jetstream {{ store_dir: \"{data}\", max_memory_store: 64MB, max_file_store: 1GB }}\n\
         {accounts}    ]\n  }}\n}}\nsystem_account: SYS\n",
        name = super::settings::name(broker, 1),
        clients = broker.address(Listener::Clients, 1),
        monitoring = broker.address(Listener::PrometheusTls, 1),
        pem = certificates.display(),
        data = data.display(),
    )
}

/// The permissions of `docs/nats.md`, each from `permissions:` to the end of its block.
struct Rights {
    system: String,
    ordinary: String,
}

fn documented() -> Outcome<Rights> {
    let page = files::root()?.join("docs/nats.md");
    let text = files::read_text(&page)?;
    let mut found = text.split("```").filter_map(|block| {
        let (_, rights) = block
            .trim()
            .strip_prefix("{ user: brokerscope")?
            .split_once("permissions:")?;
        Some(format!("permissions:{}", rights.trim_end().strip_suffix('}')?))
    });
    match (found.next(), found.next()) {
        (Some(system), Some(ordinary)) => Ok(Rights { system, ordinary }),
        _ => Err(Failure::new(format!(
            "{} holds no users with permissions for two kinds of accounts",
            page.display()
        ))),
    }
}

/// Without the subjects that hold these words; they stand in quotes, with commas between them.
fn without(rights: &str, lacked: &str) -> String {
    let kept = |subject: &&str| !subject.contains(lacked);
    let mut rest = String::new();
    for (at, part) in rights.split('[').enumerate() {
        let Some((subjects, after)) = part.split_once(']').filter(|_| at > 0) else {
            rest.push_str(part);
            continue;
        };
        let subjects: Vec<_> = subjects.split(',').map(str::trim).filter(kept).collect();
        // Writing to a String cannot fail.
        let _ = write!(rest, "[{}]{after}", subjects.join(", "));
    }
    rest
}

/// A server greets as soon as it takes clients, before TLS begins.
fn ready(broker: &Broker) -> Result<(), String> {
    let address = broker.address(Listener::Clients, 1);
    let greeting = || -> std::io::Result<String> {
        let stream = TcpStream::connect(&address)?;
        stream.set_read_timeout(Some(Duration::from_secs(5)))?;
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line)?;
        Ok(line)
    };
    match greeting() {
        Ok(line) if line.contains("\"jetstream\":true") => Ok(()),
        Ok(line) => Err(format!("{address} greets without JetStream: {line}")),
        Err(error) => Err(format!("{address}: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_row_of_the_documentation_is_lacked_and_the_rest_is_kept() {
        let rights = documented().unwrap();
        let all = |text: &str| text.matches('"').count() / 2;
        for (user, lacked) in LACKING {
            let rest = without(&rights.ordinary, lacked);
            assert!(!rest.contains(lacked), "{user}: {rest}");
            let subjects = rights.ordinary.split('"').skip(1).step_by(2);
            let lost = subjects.filter(|subject| subject.contains(lacked)).count();
            assert!(lost > 0, "{user}: {}", rights.ordinary);
            assert_eq!(all(&rest), all(&rights.ordinary) - lost, "{user}: {rest}");
        }
        assert_eq!(without(&rights.ordinary, "absent").matches("allow").count(), 2);
    }
}
