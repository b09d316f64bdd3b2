//! moto from PyPI, in a virtual environment of its own. It keeps nothing: all is gone when it stops.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::brokers::catalogue::{Broker, Listener};
use crate::failure::{Failure, Outcome};
use crate::progress::step;
use crate::{files, packages, process};

pub const VERSION: &str = "5.2.5";

/// Installs what is missing, and says how it is started.
pub fn command(broker: &Broker, brokers: &Path) -> Outcome<Command> {
    let venv = ensure_venv(brokers)?;
    let mut command = Command::new(venv.join("bin/moto_server"));
    command
        .args(["-H", "127.0.0.1", "-p"])
        .arg(broker.port(Listener::Clients, 1).to_string());
    Ok(command)
}

/// The virtual environment with moto, made unless it is there.
///
/// Unlike jars it cannot be made elsewhere and renamed, because its scripts hold its path; so the stamp is written last.
fn ensure_venv(brokers: &Path) -> Outcome<PathBuf> {
    let folder = brokers.join(format!("python/moto-{VERSION}"));
    let requirement = format!("moto[server]=={VERSION}");
    let stamp = folder.join("stamp");
    if std::fs::read_to_string(&stamp).is_ok_and(|made_by| made_by == requirement) {
        return Ok(folder);
    }
    let python = packages::ensure("python3", "python3-venv")?;
    files::remove_folder(&folder)?;
    files::make_folder(folder.parent().unwrap_or(brokers))?;
    step(&format!("moto {VERSION}"), || {
        process::run(Command::new(python).args(["-m", "venv"]).arg(&folder)).map_err(|failure| {
            Failure::new(format!(
                "{failure}; Debian keeps venv in a package of its own: python3-venv"
            ))
        })?;
        let mut pip = Command::new(folder.join("bin/pip"));
        process::run(pip.args(["install", "--quiet", "--disable-pip-version-check", &requirement]))
    })?;
    files::write(&stamp, requirement.as_bytes())?;
    Ok(folder)
}
