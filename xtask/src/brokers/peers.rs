//! Databases to measure against, from the Debian tree that the current RabbitMQ lives in.

use std::path::{Path, PathBuf};

use super::{brokers_folder, catalogue, debian};
use crate::failure::Outcome;
use crate::files;
use crate::progress::step;

/// The environment variable by which a benchmark finds a peer's program, and the Debian package of the program's name.
const PEERS: [(&str, &str); 2] = [
    ("BROKERSCOPE_BENCH_PROMETHEUS", "prometheus"),
    ("BROKERSCOPE_BENCH_VICTORIAMETRICS", "victoria-metrics"),
];

/// Installs the peers of the store; returns their programs by environment variable.
pub fn ensure() -> Outcome<Vec<(&'static str, PathBuf)>> {
    let brokers = brokers_folder()?;
    let release = &catalogue::FORKY;
    debian::ensure(release, &brokers)?;
    let tree = debian::tree(release, &brokers);
    PEERS
        .iter()
        .map(|(variable, package)| {
            if !tree.join("usr/bin").join(package).is_file() {
                step(&format!("{package} into the Debian {} tree", release.codename), || {
                    debian::install(&tree, package)
                })?;
            }
            Ok((*variable, launcher(&tree, &brokers, package)?))
        })
        .collect()
}

/// A script that becomes the tree's program, with the tree's own C library but on the host's files.
fn launcher(tree: &Path, brokers: &Path, program: &str) -> Outcome<PathBuf> {
    let path = brokers.join("peers").join(program);
    files::make_folder(&brokers.join("peers"))?;
    let tree = tree.display();
    let script = format!(
        "#!/bin/sh\nexec '{tree}/lib64/ld-linux-x86-64.so.2' --library-path '{tree}/usr/lib/x86_64-linux-gnu' \
         '{tree}/usr/bin/{program}' \"$@\"\n"
    );
    files::write_script(&path, &script)?;
    Ok(path)
}
