//! Credentials files of an operator's own, on a server that knows its accounts by their JWTs.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use brokerscope_contract::{Snapshot, StepOutcome};
use nkeys::KeyPair;
use serde_json::{Value, json};

use super::live_tests::{collector, now, probe};
use super::names;
use super::own_servers::OwnServers;
use crate::collector::{CollectError, Collector};

/// When everything here was issued: 14 November 2023, in seconds.
const ISSUED: i64 = 1_700_000_000;
const PAST: i64 = 1_767_225_600;
const FUTURE: i64 = 4_102_444_800;
const ANNOUNCEMENTS: &str = "$JS.EVENT.ADVISORY.>";

/// A JWT of NATS' kind; `more` are claims beside those that all have.
fn jwt(name: &str, of: &KeyPair, signed_by: &KeyPair, more: Value) -> String {
    let mut claims = json!({"jti": "x", "iat": ISSUED, "iss": signed_by.public_key(), "sub": of.public_key(),
        "name": name});
    let more = more.as_object().expect("an object").clone();
    claims.as_object_mut().unwrap().extend(more);
    let encoded = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
    let text = format!(
        "{}.{}",
        encoded(json!({"typ": "JWT", "alg": "ed25519-nkey"})),
        encoded(claims)
    );
    let signature = signed_by.sign(text.as_bytes()).expect("a signature");
    format!("{text}.{}", URL_SAFE_NO_PAD.encode(signature))
}

fn file(jwt: &str, key: &KeyPair) -> String {
    let seed = key.seed().unwrap();
    format!(
        "-----BEGIN NATS USER JWT-----\n{jwt}\n------END NATS USER JWT------\n\n\
         -----BEGIN USER NKEY SEED-----\n{seed}\n------END USER NKEY SEED------\n"
    )
}

/// A user whose JWT `account` has signed; `more` are claims such as `exp`.
pub(super) fn user(key: &KeyPair, account: &KeyPair, more: Value) -> String {
    let mut claims = json!({"nats": {"type": "user", "version": 2, "subs": -1, "data": -1, "payload": -1, "pub": {},
        "sub": {}}});
    claims
        .as_object_mut()
        .unwrap()
        .extend(more.as_object().expect("an object").clone());
    file(&jwt("watcher", key, account, claims), key)
}

/// An operator with the account `SHOP` and a system account, which imports what JetStream announces in the other one.
pub(super) struct Issuer {
    operator: KeyPair,
    pub shop: KeyPair,
    pub system: KeyPair,
}

impl Issuer {
    pub fn new() -> Issuer {
        Issuer {
            operator: KeyPair::new_operator(),
            shop: KeyPair::new_account(),
            system: KeyPair::new_account(),
        }
    }

    fn account(&self, name: &str, key: &KeyPair, limits: Value, more: Value) -> String {
        let mut all = json!({"subs": -1, "data": -1, "payload": -1, "imports": -1, "exports": -1, "wildcards": true,
            "conn": -1, "leaf": -1});
        all.as_object_mut().unwrap().extend(limits.as_object().unwrap().clone());
        let mut claims = json!({"type": "account", "version": 2, "limits": all});
        claims
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        jwt(name, key, &self.operator, json!({"nats": claims}))
    }

    /// `revoked` are users of `SHOP` whose JWTs of before that second count no more.
    fn shop(&self, revoked: &[(String, i64)]) -> String {
        let revocations = revoked.iter().map(|(user, until)| (user.clone(), json!(until)));
        let jetstream = json!({"mem_storage": -1, "disk_storage": -1, "streams": -1, "consumer": -1});
        let exports = json!([{"name": "announcements", "subject": ANNOUNCEMENTS, "type": "stream"}]);
        let more = json!({"revocations": Value::Object(revocations.collect()), "exports": exports});
        self.account("SHOP", &self.shop, jetstream, more)
    }

    fn of_system(&self) -> String {
        let imports = json!([{"name": "announcements of SHOP", "subject": ANNOUNCEMENTS, "type": "stream",
            "account": self.shop.public_key(), "local_subject": format!("SHOP.{ANNOUNCEMENTS}")}]);
        self.account("SYS", &self.system, json!({}), json!({"imports": imports}))
    }

    pub fn settings(&self) -> String {
        format!(
            "operator: \"{operator}\"\nsystem_account: {system}\nresolver: MEMORY\n\
             resolver_preload: {{ {shop}: \"{of_shop}\", {system}: \"{of_system}\" }}\n",
            operator = jwt(
                "O",
                &self.operator,
                &self.operator,
                json!({"nats": {"type": "operator", "version": 2}})
            ),
            shop = self.shop.public_key(),
            of_shop = self.shop(&[]),
            system = self.system.public_key(),
            of_system = self.of_system(),
        )
    }
}

fn with(own: &OwnServers, credentials: &str) -> Box<dyn Collector> {
    collector(
        json!({"servers": own.endpoints()["bootstrap"], "login": "credentials", "credentials": credentials,
        "timeout_seconds": 2}),
    )
}

/// What *Test* and a visit say, which is the same, with its remedy.
async fn refused(what: &str, own: &OwnServers, credentials: &str) -> String {
    let mut collector = with(own, credentials);
    let error = collector.collect(now()).await.expect_err(what);
    assert!(matches!(error, CollectError::Login { .. }), "{what}: {error:?}");
    let steps = probe(collector.as_mut()).await;
    let login = steps.iter().find(|step| step.title == "Login").expect("a step");
    assert_eq!(login.outcome, StepOutcome::Failed, "{what}: {login:?}");
    assert_eq!(login.detail, error.to_string(), "{what}");
    assert_eq!(login.remedy.as_deref(), Some(error.remedy()), "{what}");
    let all = format!("{error:?} {steps:?}");
    let secrets = credentials
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('-'));
    for secret in secrets.filter(|line| line.len() > 20) {
        assert!(!all.contains(secret), "{what}: {all}");
    }
    said(&error)
}

fn said(error: &CollectError) -> String {
    format!("{error} {}", error.remedy())
}

fn accounts(snapshot: &Snapshot) -> Vec<String> {
    let keys = snapshot.entities.iter().map(|entity| &entity.key);
    keys.filter(|key| **key == names::account("SHOP"))
        .map(|key| key.name().to_string())
        .collect()
}

#[tokio::test]
async fn nats_live_each_wrong_credentials_file_gets_its_own_words() {
    let issuer = Issuer::new();
    let Some(own) = OwnServers::start(1, &issuer.settings()).await else {
        return;
    };
    let key = KeyPair::new_user();
    let right = user(&key, &issuer.shop, json!({"exp": FUTURE}));
    let snapshot = with(&own, &right).collect(now()).await.expect("it is let in");
    assert_eq!(accounts(&snapshot), ["SHOP"]);
    let steps = probe(with(&own, &right).as_mut()).await;
    assert!(
        steps.iter().all(|step| step.outcome != StepOutcome::Failed),
        "{steps:?}"
    );

    let stranger = KeyPair::new_account();
    // The last one claims to be of the account; the key that signed it is none of the account's.
    let mut borrowed = json!({"nats": {"type": "user", "version": 2, "subs": -1, "data": -1, "payload": -1, "pub": {},
        "sub": {}}});
    borrowed["nats"]["issuer_account"] = json!(issuer.shop.public_key());
    let (key_of_user, key_of_shop) = (key.public_key(), issuer.shop.public_key());
    let strange = stranger.public_key();
    for (what, credentials, words) in [
        (
            "another account's key",
            user(&key, &stranger, json!({})),
            vec![
                "does not accept",
                "not expired",
                &key_of_user,
                &strange,
                "nsc describe account",
            ],
        ),
        (
            "a signature that is none of the account's",
            file(&jwt("watcher", &key, &stranger, borrowed), &key),
            vec!["does not accept", &key_of_shop, "nsc generate creds"],
        ),
        (
            "expired",
            user(&key, &issuer.shop, json!({"exp": PAST})),
            vec![
                "expired since 2026-01-01T00:00:00Z",
                &key_of_user,
                "nsc edit user --expiry",
            ],
        ),
        (
            "not good yet",
            user(&key, &issuer.shop, json!({"nbf": FUTURE})),
            vec!["good only from 2100-01-01T00:00:00Z on", "clock"],
        ),
    ] {
        let said = refused(what, &own, &credentials).await;
        for word in words.into_iter().chain(["login was refused", "\"Credentials file\""]) {
            assert!(said.contains(word), "{what}: no {word:?} in {said}");
        }
    }
}

#[tokio::test]
async fn nats_live_a_user_who_is_revoked_is_told_so() {
    let issuer = Issuer::new();
    let Some(own) = OwnServers::start(1, &issuer.settings()).await else {
        return;
    };
    let (key, other) = (KeyPair::new_user(), KeyPair::new_user());
    let credentials = user(&key, &issuer.shop, json!({}));
    let mut watching = with(&own, &credentials);
    watching.collect(now()).await.expect("it is let in");
    let revoked = issuer.shop(&[(key.public_key(), ISSUED + 1)]);
    own.reconfigure(&issuer.shop(&[]), &revoked);
    // Who was connected is thrown out with the reason; visits afterwards still know it.
    let thrown_out = |error: &CollectError| error.to_string().contains("the server has revoked");
    let mut told = 0;
    let mut last = String::new();
    for _ in 0..50 {
        match watching.collect(now()).await {
            Err(error) if thrown_out(&error) => {
                assert!(matches!(error, CollectError::Login { .. }), "{error:?}");
                assert!(error.to_string().contains(&key.public_key()), "{error}");
                assert!(error.remedy().contains("\"Credentials file\""), "{error:?}");
                told += 1;
            }
            other => last = format!("{other:?}"),
        }
        if told == 2 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    assert_eq!(told, 2, "{last}");
    // Who comes later is not told the reason by the server; the remedy names where to look.
    let said = refused("revoked before", &own, &credentials).await;
    for word in [
        "does not accept",
        "not expired",
        "nsc revocations list-users",
        &key.public_key(),
    ] {
        assert!(said.contains(word), "no {word:?} in {said}");
    }
    let unharmed = with(&own, &user(&other, &issuer.shop, json!({}))).collect(now()).await;
    assert_eq!(accounts(&unharmed.expect("it is let in")), ["SHOP"]);
    // Taken back: the same connection is let in once more.
    own.reconfigure(&revoked, &issuer.shop(&[]));
    let mut let_in = None;
    for _ in 0..50 {
        let_in = watching.collect(now()).await.ok();
        if let_in.is_some() {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
    }
    assert_eq!(accounts(&let_in.expect("it is let in again")), ["SHOP"]);
}

#[test]
fn a_file_of_two_users_is_refused_before_anything_is_asked() {
    let (account, one, two) = (KeyPair::new_account(), KeyPair::new_user(), KeyPair::new_user());
    let right = user(&one, &account, json!({}));
    let mixed = right.replace(&one.seed().unwrap(), &two.seed().unwrap());
    for (credentials, expected) in [(right, Vec::new()), (mixed, vec!["credentials"])] {
        let settings = json!({"servers": ["nats"], "login": "credentials", "credentials": credentials});
        let built = super::config::parse(&serde_json::from_value(settings).unwrap());
        let problems: Vec<String> = built.err().into_iter().flatten().map(|problem| problem.field).collect();
        assert_eq!(problems, expected);
    }
}
