//! Certificates for the brokers that are secured: an authority of their own and what it has signed, made with openssl.
//!
//! Openssl comes with ca-certificates wherever Debian is, and a library that does the same would cost every build of
//! xtask more than the rest of it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::failure::{Failure, Outcome};
use crate::progress::step;
use crate::{files, packages};

/// Raised when what is made below changes: certificates made by another recipe are made anew.
const RECIPE: &str = "1";

/// Certificates that end within this time are made anew.
const WEEK_SECONDS: &str = "604800";

/// `openssl ca` and not `openssl x509` signs, because the latter cannot make a certificate that has ended.
const SCRIPT: &str = r#"
authority() { # file, name
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -config "$CONF" -extensions authority \
    -keyout "$1.key" -out "$1.pem" -days 730 -subj "/CN=$2"
}
sign() { # authority, file, subject, section, options
  authority=$1 file=$2 subject=$3 section=$4
  shift 4
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -config "$CONF" \
    -keyout "$file.key" -out request.pem -subj "/CN=$subject"
  openssl ca -batch -notext -config "$CONF" -cert "$authority.pem" -keyfile "$authority.key" \
    -extensions "$section" -in request.pem -out "$file.pem" "$@"
  cat "$file.key" "$file.pem" > "$file-with-key.pem"
}
CONF=openssl.cnf
: > index.txt
authority ca "Brokerscope test authority"
authority foreign-ca "Another authority"
sign ca server server server -days 730
sign ca by-name by-name named -days 730
sign ca expired expired server -startdate 20200101000000Z -enddate 20210101000000Z
sign ca client client client -days 730
sign foreign-ca foreign-client client client -days 730
openssl pkcs8 -topk8 -in client.key -passout pass:secret-of-the-key -out client-encrypted.key
rm -f request.pem index.txt* *.srl [0-9A-F]*.pem
"#;

const CONFIGURATION: &str = "\
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[ca]
default_ca = signing
[signing]
database = index.txt
new_certs_dir = .
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
[any]
commonName = supplied
[server]
basicConstraints = CA:FALSE
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost, IP:127.0.0.1
[named]
basicConstraints = CA:FALSE
extendedKeyUsage = serverAuth
subjectAltName = DNS:localhost
[client]
basicConstraints = CA:FALSE
extendedKeyUsage = clientAuth
";

/// The folder with them, each as `NAME.pem`, `NAME.key`, and both in `NAME-with-key.pem`:
///
/// - `ca` and `foreign-ca`, the authorities;
/// - `server` for localhost and 127.0.0.1, `by-name` for localhost only, `expired` since 2021;
/// - `client`, and `foreign-client`, which the other authority has signed; the former's key also in
///   `client-encrypted.key`, with the password "secret-of-the-key".
pub fn ensure(brokers: &Path) -> Outcome<PathBuf> {
    let folder = brokers.join("certificates");
    let openssl = packages::ensure("openssl", "openssl")?;
    let made_so = std::fs::read_to_string(folder.join("recipe")).is_ok_and(|made_by| made_by == RECIPE);
    if made_so && goes_on(&openssl, &folder.join("ca.pem")) {
        return Ok(folder);
    }
    let unfinished = brokers.join("certificates.unfinished");
    files::remove_folder(&unfinished)?;
    files::write(&unfinished.join("openssl.cnf"), CONFIGURATION.as_bytes())?;
    step("certificates", || make(&unfinished))?;
    files::write(&unfinished.join("recipe"), RECIPE.as_bytes())?;
    files::remove_folder(&folder)?;
    std::fs::rename(&unfinished, &folder).map_err(|error| Failure::at("rename to", &folder, &error))?;
    Ok(folder)
}

/// Whether a certificate is good for another week. All of them are made on the same day for as long.
fn goes_on(openssl: &Path, certificate: &Path) -> bool {
    let mut command = Command::new(openssl);
    command.args(["x509", "-noout", "-checkend", WEEK_SECONDS, "-in"]);
    let status = command.arg(certificate).stdout(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

fn make(folder: &Path) -> Outcome {
    let mut command = Command::new("sh");
    command.current_dir(folder).args(["-ec", SCRIPT]);
    let output = command
        .output()
        .map_err(|error| Failure::new(format!("cannot start sh: {error}")))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(Failure::new(format!("openssl made no certificates:\n{said}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn certificates_are_made_once_and_made_anew_when_the_recipe_changes() {
        let brokers = std::env::temp_dir().join(format!("xtask-certificates-{}", std::process::id()));
        let folder = ensure(&brokers).unwrap();
        let first = files::read(&folder.join("server-with-key.pem")).unwrap();
        ensure(&brokers).unwrap();
        assert_eq!(files::read(&folder.join("server-with-key.pem")).unwrap(), first);
        let openssl = crate::process::find("openssl").unwrap();
        assert!(goes_on(&openssl, &folder.join("client.pem")));
        assert!(!goes_on(&openssl, &folder.join("expired.pem")));
        files::write(&folder.join("recipe"), b"0").unwrap();
        ensure(&brokers).unwrap();
        assert_ne!(files::read(&folder.join("server-with-key.pem")).unwrap(), first);
        std::fs::remove_dir_all(&brokers).unwrap();
    }
}
