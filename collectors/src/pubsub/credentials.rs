//! By what Google knows this connection: a key, the metadata server of the machine, or nothing at all.

use reqwest::Url;
use serde::Deserialize;

/// Where tokens come from unless the key says otherwise.
pub const TOKEN_URL: &str = "https://oauth2.googleapis.com/token";
/// Reached without name service and proxy, only from machines of Google Cloud.
pub const METADATA_URL: &str = "http://metadata.google.internal/";

/// How to log in. Not `Debug`: it holds secrets.
#[derive(Clone)]
pub enum Credentials {
    ServiceAccount(ServiceAccount),
    /// What `gcloud auth application-default login` writes.
    User {
        client_id: String,
        client_secret: String,
        refresh_token: String,
        token_url: Url,
    },
    /// The service account that the machine or the pod runs as. The root of the metadata server.
    Metadata(Url),
    /// No login: the emulator, and test servers.
    Anonymous,
}

#[derive(Clone)]
pub struct ServiceAccount {
    pub email: String,
    pub key_id: String,
    /// PKCS#8 in PEM.
    pub private_key: String,
    pub token_url: Url,
}

impl Credentials {
    /// Who this is, for people. Holds no secret.
    pub fn described(&self) -> String {
        match self {
            Credentials::ServiceAccount(account) => account.email.clone(),
            Credentials::User { .. } => "a user's own login".into(),
            Credentials::Metadata(_) => "the service account of this machine".into(),
            Credentials::Anonymous => "nobody: without a login".into(),
        }
    }
}

/// The fields of the JSON files that Google hands out. Others are of no use here.
#[derive(Default, Deserialize)]
#[serde(default)]
struct KeyFile {
    r#type: String,
    client_email: String,
    private_key_id: String,
    private_key: String,
    token_uri: Option<String>,
    client_id: String,
    client_secret: String,
    refresh_token: String,
}

/// Reads a key file. The error is what is wrong with it, without any of its contents.
pub fn from_key(text: &str) -> Result<Credentials, &'static str> {
    let file: KeyFile = serde_json::from_str(text).map_err(|_| "is not the JSON of a key file")?;
    let token_url = Url::parse(file.token_uri.as_deref().unwrap_or(TOKEN_URL))
        .ok()
        .filter(|url| ["http", "https"].contains(&url.scheme()))
        .ok_or("names a token_uri that is no address")?;
    match file.r#type.as_str() {
        "service_account" if file.client_email.is_empty() || file.private_key.is_empty() => {
            Err("lacks client_email or private_key")
        }
        "service_account" => Ok(Credentials::ServiceAccount(ServiceAccount {
            email: file.client_email,
            key_id: file.private_key_id,
            private_key: file.private_key,
            token_url,
        })),
        "authorized_user" if file.refresh_token.is_empty() || file.client_id.is_empty() => {
            Err("lacks client_id or refresh_token")
        }
        "authorized_user" => Ok(Credentials::User {
            client_id: file.client_id,
            client_secret: file.client_secret,
            refresh_token: file.refresh_token,
            token_url,
        }),
        "external_account" | "impersonated_service_account" => {
            Err("is of a kind that is not supported: workload identity federation or impersonation")
        }
        _ => Err("is neither the key of a service account nor a user's login"),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn key_files_are_told_apart() {
        let account = json!({"type": "service_account", "client_email": "w@p.iam.gserviceaccount.com",
            "private_key_id": "1", "private_key": "-----BEGIN PRIVATE KEY-----"});
        let user = json!({"type": "authorized_user", "client_id": "c", "client_secret": "s", "refresh_token": "r"});
        for (text, expected) in [
            (account.to_string(), Ok("w@p.iam.gserviceaccount.com")),
            (user.to_string(), Ok("a user's own login")),
            ("{".into(), Err("not the JSON")),
            ("{}".into(), Err("neither")),
            (json!({"type": "service_account"}).to_string(), Err("private_key")),
            (json!({"type": "authorized_user"}).to_string(), Err("refresh_token")),
            (json!({"type": "external_account"}).to_string(), Err("not supported")),
            (
                json!({"type": "authorized_user", "token_uri": "ftp://x"}).to_string(),
                Err("token_uri"),
            ),
        ] {
            match (from_key(&text), expected) {
                (Ok(credentials), Ok(who)) => assert_eq!(credentials.described(), who),
                (Err(why), Err(part)) => assert!(why.contains(part), "{text}: {why}"),
                (read, _) => panic!("{text}: {:?}", read.map(|credentials| credentials.described())),
            }
        }
    }
}
