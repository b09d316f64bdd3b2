//! A Debian release with its RabbitMQ, in a folder of its own beside the host's system.
//!
//! Every program of the tree runs in a mount namespace of its own ([`inside`]), so
//! `/proc` and `/dev` are there for it, vanish with it, and are never left mounted
//! in the project's folder.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::catalogue::Release;
use crate::failure::{Failure, Outcome};
use crate::progress::step;
use crate::{files, packages, process, progress};

/// Raised when the recipe below changes: trees made by another one are made anew.
const RECIPE: &str = "1";

/// Where the tree of a release is.
pub fn tree(release: &Release, brokers: &Path) -> PathBuf {
    brokers.join("trees").join(release.codename)
}

/// Makes the tree unless it is there; returns the version of its RabbitMQ.
pub fn ensure(release: &Release, brokers: &Path) -> Outcome<String> {
    let tree = tree(release, brokers);
    let stamp = tree.join("rabbitmq-version");
    if fs::read_to_string(tree.join("recipe")).is_ok_and(|made_by| made_by == RECIPE) {
        return files::read_text(&stamp);
    }
    if !process::is_root() {
        return Err(Failure::new(format!(
            "RabbitMQ {}x comes from a Debian {} tree, and only root can make one (debootstrap, chroot)",
            release.rabbitmq, release.codename
        )));
    }
    packages::ensure("debootstrap", "debootstrap")?;
    packages::ensure("unshare", "util-linux")?;
    let mirror = mirror()?;
    let unfinished = tree.with_extension("unfinished");
    files::remove_folder(&unfinished)?;
    files::make_folder(&unfinished)?;
    step(&format!("a Debian {} tree", release.codename), || {
        bootstrap(release, &unfinished, &mirror)
    })?;
    let version = step("rabbitmq-server into it", || install_rabbitmq(&unfinished))?;
    if !version.starts_with(release.rabbitmq) {
        progress::note(&format!(
            "expected RabbitMQ {}x, {} has {version}",
            release.rabbitmq, release.codename
        ));
    }
    files::write(&unfinished.join("rabbitmq-version"), version.as_bytes())?;
    files::write(&unfinished.join("recipe"), RECIPE.as_bytes())?;
    files::remove_folder(&tree)?;
    fs::rename(&unfinished, &tree).map_err(|error| Failure::at("rename to", &tree, &error))?;
    Ok(version)
}

/// A command that runs a shell text inside the tree; `$1` and on are `words`.
pub fn inside(tree: &Path, script: &str, words: &[&str]) -> Command {
    let mut command = Command::new("unshare");
    command
        .args(["--mount", "sh", "-ec", ENTER])
        .arg(tree)
        .arg(script)
        .args(words);
    command
}

/// Mounts what Erlang and apt need, then becomes a shell inside the tree ($0), which
/// runs the text in $1 with an environment of its own.
pub const ENTER: &str = r#"mount -t proc proc "$0/proc"; mount --rbind /dev "$0/dev"; \
script="$1"; shift; exec chroot "$0" /usr/bin/env -i LANG=C.UTF-8 HOME=/root \
PATH=/usr/sbin:/usr/bin:/sbin:/bin /bin/sh -ec "$script" sh "$@""#;

/// The Debian mirror this machine itself installs from.
fn mirror() -> Outcome<String> {
    packages::ensure("apt-get", "apt")?;
    let mut command = Command::new("apt-get");
    command.args(["indextargets", "--format", "$(REPO_URI)", "Created-By: Packages"]);
    let addresses = process::stdout(&mut command)?;
    addresses
        .lines()
        .map(|line| line.trim_end_matches('/'))
        .find(|address| address.ends_with("/debian"))
        .map(str::to_owned)
        .ok_or_else(|| {
            Failure::new("apt's sources on this machine name no Debian mirror (an address ending in /debian)")
        })
}

fn bootstrap(release: &Release, tree: &Path, mirror: &str) -> Outcome {
    let mut command = Command::new("debootstrap");
    command
        .args(["--variant=minbase", "--include=ca-certificates", release.codename])
        .arg(tree);
    // The last word is a script that fits every release, also one newer than this debootstrap.
    quietly(command.args([mirror, "sid"]), &tree.with_extension("log"))?;
    for setting in files::list(Path::new("/etc/apt/apt.conf.d"))? {
        // Proxy settings and the like, where the machine has some.
        let copy = tree.join("etc/apt/apt.conf.d").join(files::name(&setting));
        fs::copy(&setting, &copy).map_err(|error| Failure::at("copy", &setting, &error))?;
    }
    // 101: no package may start a service.
    files::write_script(&tree.join("usr/sbin/policy-rc.d"), "#!/bin/sh\nexit 101\n")?;
    // Without it every node dies: "epmd error for host localhost: nxdomain".
    files::write(&tree.join("etc/hosts"), b"127.0.0.1 localhost\n")
}

/// Installs a package into the tree; its services are not started.
pub fn install(tree: &Path, package: &str) -> Outcome {
    let install = "export DEBIAN_FRONTEND=noninteractive; apt-get update; \
                   apt-get install -y --no-install-recommends \"$1\"; apt-get clean";
    quietly(&mut inside(tree, install, &[package]), &tree.with_extension("log"))
}

fn install_rabbitmq(tree: &Path) -> Outcome<String> {
    install(tree, "rabbitmq-server")?;
    let ask = "dpkg-query --show --showformat '${source:Upstream-Version}' rabbitmq-server";
    process::stdout(&mut inside(tree, ask, &[]))
}

/// Runs with the output in a file, which is shown only when the command fails.
fn quietly(command: &mut Command, log: &Path) -> Outcome {
    let file = fs::File::create(log).map_err(|error| Failure::at("create", log, &error))?;
    let errors = file.try_clone().map_err(|error| Failure::at("open", log, &error))?;
    process::run(command.stdout(file).stderr(errors)).map_err(|failure| {
        let text = fs::read_to_string(log).unwrap_or_default();
        let lines: Vec<_> = text.lines().collect();
        let last = lines[lines.len().saturating_sub(15)..].join("\n  ");
        Failure::new(format!("{failure}\n  {last}"))
    })
}
