//! Logins of every kind, and what is said of those that are refused; against a fake.

use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use brokerscope_contract::{Status, StepOutcome, metrics};
use serde_json::{Value, json};

use super::fake::{Fake, Refusal};
use super::fake_tests::{NOW, collector, depths, told};
use crate::collector::{CollectError, ProbeReport};

const SKEWED: &str =
    "Signature expired: 20260101T000000Z is now earlier than 20260101T000500Z (20260101T001000Z - 5 min.)";
const EARLY: &str =
    "Signature not yet current: 20260101T001000Z is still later than 20260101T000500Z (20260101T000000Z + 5 min.)";

/// Status, code and message as the services' references print them; a word of the message, and one of the remedy.
const LOGINS: [(Refusal, &str, &str); 9] = [
    (
        (
            403,
            "InvalidClientTokenId",
            "The security token included in the request is invalid.",
        ),
        "refused",
        "key",
    ),
    (
        (403, "UnrecognizedClientException", "The security token is invalid."),
        "refused",
        "region is enabled",
    ),
    (
        (
            403,
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match.",
        ),
        "refused",
        "secret",
    ),
    (
        (
            403,
            "IncompleteSignature",
            "Authorization header requires 'Credential' parameter.",
        ),
        "refused",
        "key",
    ),
    (
        (
            403,
            "ExpiredToken",
            "The security token included in the request is expired",
        ),
        "expired",
        "role",
    ),
    (
        (
            403,
            "ExpiredTokenException",
            "The security token included in the request is expired",
        ),
        "expired",
        "role",
    ),
    ((403, "SignatureDoesNotMatch", SKEWED), "clock", "chrony"),
    ((403, "InvalidSignatureException", EARLY), "clock", "5 minutes"),
    ((400, "RequestExpired", "Request has expired."), "clock", "chrony"),
];

#[tokio::test]
async fn a_login_that_is_refused_says_why_and_what_to_do() {
    for (refusal, word, remedy) in LOGINS {
        let fake = Fake::start().await;
        fake.change(|world| world.refused_all = Some(refusal));
        let error = collector(&fake, json!({})).collect(NOW).await.unwrap_err();
        assert!(matches!(error, CollectError::Login { .. }), "{error:?}");
        assert!(error.to_string().contains(word), "{refusal:?}: {error}");
        assert!(error.remedy().contains(remedy), "{refusal:?}: {}", error.remedy());

        let (report, mut steps) = ProbeReport::channel(NOW);
        collector(&fake, json!({})).probe(&report).await;
        drop(report);
        let first = steps.recv().await.unwrap();
        assert_eq!(
            (first.title.as_str(), first.outcome),
            ("Login in eu-west-1", StepOutcome::Failed)
        );
        assert!(first.detail.contains(word), "{first:?}");
    }
}

#[tokio::test]
async fn a_login_that_ends_half_way_stops_the_visit_there() {
    let fake = Fake::start().await;
    fake.with_queues(400);
    let mut collector = collector(&fake, json!({"cloudwatch": "off", "sns": false}));
    collector.collect(NOW).await.unwrap();
    fake.change(|world| {
        world.asked.clear();
        world.ends_after = Some((
            50,
            (
                403,
                "ExpiredToken",
                "The security token included in the request is expired",
            ),
        ));
    });
    let snapshot = collector.collect(NOW.plus_millis(60_000)).await.unwrap();
    let asked = fake.asked("GetQueueAttributes");
    assert!((50..80).contains(&asked), "{asked}");
    assert!(told(&snapshot).contains("expired"), "{}", told(&snapshot));
    let error = collector.collect(NOW.plus_millis(120_000)).await.unwrap_err();
    assert!(matches!(error, CollectError::Login { .. }), "{error:?}");
}

#[tokio::test]
async fn an_account_that_may_not_be_named_is_known_by_its_queues() {
    let fake = Fake::start().await;
    fake.with_queues(1);
    fake.change(|world| {
        world.refused.insert("GetCallerIdentity", (403, "AccessDenied", ""));
    });
    let snapshot = collector(&fake, json!({})).collect(NOW).await.unwrap();
    let depth = snapshot
        .samples
        .iter()
        .find(|sample| sample.metric == metrics::DEPTH)
        .unwrap();
    assert_eq!(depth.entity.path[0], super::fake::ACCOUNT);
}

#[tokio::test]
async fn a_role_that_is_refused_hides_no_other_account() {
    let fake = Fake::start().await;
    fake.with_queues(2);
    let role = "arn:aws:iam::444455556666:role/brokerscope";
    let both = json!({"roles": [role], "own_account": true, "cloudwatch": "off", "sns": false});
    let snapshot = collector(&fake, both.clone()).collect(NOW).await.unwrap();
    assert!(
        snapshot
            .warnings
            .iter()
            .all(|warning| !warning.text.contains("sts:AssumeRole"))
    );
    fake.change(|world| assert!(world.keys.contains("ASIAAssumeRole"), "{:?}", world.keys));
    fake.change(|world| {
        let why = "User: arn:aws:iam::111122223333:user/b is not authorized to perform: sts:AssumeRole on resource: x";
        world.refused.insert("AssumeRole", (403, "AccessDenied", why));
    });
    let snapshot = collector(&fake, both).collect(NOW).await.unwrap();
    assert!(snapshot.samples.iter().any(|sample| sample.metric == metrics::DEPTH));
    assert!(
        told(&snapshot).contains("The permission sts:AssumeRole is missing"),
        "{}",
        told(&snapshot)
    );
}

fn seconds() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    i64::try_from(since.as_secs()).unwrap()
}

#[tokio::test]
async fn a_clock_that_is_ten_minutes_wrong_is_explained_however_one_logs_in() {
    let role = "arn:aws:iam::444455556666:role/brokerscope";
    for ahead in [600, -600] {
        for with in [json!({}), json!({"roles": [role]})] {
            let fake = Fake::start().await;
            fake.with_queues(2);
            fake.change(|world| world.clock = Some((seconds, ahead)));
            let error = collector(&fake, with.clone()).collect(NOW).await.unwrap_err();
            assert!(matches!(error, CollectError::Login { .. }), "{error:?}");
            let said = error.to_string();
            assert!(
                said.contains("clock differs from Amazon's (Signature "),
                "{with}: {said}"
            );
            assert!(error.remedy().contains("chrony"), "{}", error.remedy());
        }
    }
    // Four minutes are no trouble.
    let fake = Fake::start().await;
    fake.with_queues(2);
    fake.change(|world| world.clock = Some((seconds, 240)));
    let snapshot = collector(&fake, json!({"roles": [role]})).collect(NOW).await.unwrap();
    assert!(snapshot.samples.iter().any(|sample| sample.metric == metrics::DEPTH));
}

#[tokio::test]
async fn what_is_refused_while_a_role_is_assumed_says_what_it_is() {
    for (refusal, word) in [
        ((403, "SignatureDoesNotMatch", SKEWED), "clock"),
        ((400, "RequestExpired", "Request has expired."), "clock"),
        (
            (
                403,
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match.",
            ),
            "refused (SignatureDoesNotMatch",
        ),
        (
            (
                403,
                "InvalidClientTokenId",
                "The security token included in the request is invalid.",
            ),
            "refused",
        ),
        (
            (
                403,
                "ExpiredToken",
                "The security token included in the request is expired",
            ),
            "expired",
        ),
        (
            (403, "AccessDenied", "not authorized to perform: sts:AssumeRole"),
            "sts:AssumeRole is missing",
        ),
    ] {
        let fake = Fake::start().await;
        fake.with_queues(2);
        fake.change(|world| {
            world.refused.insert("AssumeRole", refusal);
        });
        let role = json!({"roles": ["arn:aws:iam::444455556666:role/brokerscope"]});
        let error = collector(&fake, role).collect(NOW).await.unwrap_err();
        assert!(matches!(error, CollectError::Login { .. }), "{refusal:?}: {error:?}");
        assert!(error.to_string().contains(word), "{refusal:?}: {error}");
    }
}

#[tokio::test]
async fn two_roles_that_are_refused_are_two_accounts() {
    let fake = Fake::start().await;
    fake.with_queues(1);
    fake.change(|world| {
        world
            .refused
            .insert("AssumeRole", (403, "AccessDenied", "not authorized"));
    });
    let role = |account: &str| format!("arn:aws:iam::{account}:role/brokerscope");
    let with = json!({"roles": [role("444455556666"), role("777788889999")], "own_account": true, "cloudwatch": "off",
        "sns": false});
    let snapshot = collector(&fake, with).collect(NOW).await.unwrap();
    let accounts = snapshot.checks.iter().filter(|check| check.check.0 == "account");
    let mut accounts: Vec<_> = accounts
        .map(|check| (check.entity.path[0].as_str(), check.status))
        .collect();
    accounts.sort_unstable();
    let expected = [
        (super::fake::ACCOUNT, Status::Ok),
        ("444455556666", Status::Critical),
        ("777788889999", Status::Critical),
    ];
    assert_eq!(accounts, expected);
    let mut missing: Vec<_> = snapshot
        .warnings
        .iter()
        .filter(|warning| warning.text.starts_with("Nothing of"))
        .filter_map(|warning| Some(warning.entity.as_ref()?.path[0].as_str()))
        .collect();
    missing.sort_unstable();
    assert_eq!(
        missing,
        ["444455556666", "777788889999"],
        "each warning is about its own account"
    );
}

#[tokio::test]
async fn a_region_that_does_not_exist_is_named() {
    let settings = json!({
        "regions": ["eu-nowhere-1"], "credentials": "keys", "access_key_id": "AKIAFAKE", "secret_access_key": "fake",
    });
    let error = super::super::factory(brokerscope_contract::System::AwsSqs)
        .unwrap()
        .build(&serde_json::from_value(settings).unwrap())
        .unwrap_or_else(|problems| panic!("{problems:?}"))
        .collect(NOW)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("eu-nowhere-1"), "{error}");
    assert!(error.remedy().contains("regions"), "{}", error.remedy());
}

/// Environment variables belong to a process, so each of these logins is tried in one of its own.
async fn in_a_process_with(settings: Value, environment: &[(&str, &str)]) -> String {
    let fake = Fake::start().await;
    run(&fake, "a_visit_with_the_logins_of_the_process", settings, environment).await;
    let mut keys = Vec::new();
    fake.change(|world| keys = world.keys.iter().cloned().collect());
    keys.join(" ")
}

/// One of the tests below, in a process of its own.
async fn run(fake: &Fake, test: &str, settings: Value, environment: &[(&str, &str)]) {
    fake.with_queues(3);
    let test = format!("aws::login_tests::{test}");
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args(["--exact", &test, "--ignored", "--nocapture"]);
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("AWS_")) {
        child.env_remove(name);
    }
    // The exchange of tokens happens before any address of the connection counts.
    child.env("AWS_ENDPOINT_URL_STS", &fake.url).env("FAKE_URL", &fake.url);
    child.env("FAKE_SETTINGS", settings.to_string());
    let output = tokio::task::spawn_blocking({
        let environment: Vec<(String, String)> = environment
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()))
            .collect();
        move || child.envs(environment).output()
    });
    let output = output.await.unwrap().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[tokio::test]
async fn a_region_without_sns_is_asked_for_its_queues_as_always() {
    let fake = Fake::start().await;
    let nowhere = "http://sns.nowhere.invalid";
    let addresses = [
        ("AWS_ENDPOINT_URL_SQS", fake.url.as_str()),
        ("AWS_ENDPOINT_URL_SNS", nowhere),
        ("AWS_ACCESS_KEY_ID", "AKIAENVIRONMENT"),
        ("AWS_SECRET_ACCESS_KEY", "s"),
    ];
    run(&fake, "visits_without_sns", json!({"cloudwatch": "off"}), &addresses).await;
    assert_eq!(fake.asked("ListQueues"), 1, "the list is not read anew on each visit");
}

#[tokio::test]
#[ignore = "run by another test, in a process with an environment of its own"]
async fn visits_without_sns() {
    let mut settings: Value = serde_json::from_str(&std::env::var("FAKE_SETTINGS").unwrap()).unwrap();
    settings["regions"] = json!(["eu-west-1"]);
    let settings = serde_json::from_value(settings).unwrap();
    let factory = super::super::factory(brokerscope_contract::System::AwsSqs).unwrap();
    let mut collector = factory
        .build(&settings)
        .unwrap_or_else(|problems| panic!("{problems:?}"));
    for minute in 0..3 {
        let at = NOW.plus_millis(minute * 60_000);
        let snapshot = collector.collect(at).await.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(depths(&snapshot), 3, "{}", told(&snapshot));
        let topics = snapshot
            .warnings
            .iter()
            .find(|warning| warning.text.contains("Topics are not seen"));
        let text = topics.map(|warning| warning.text.as_str()).unwrap_or_default();
        assert!(text.contains("There is no SNS in the region eu-west-1"), "{text}");
        if minute > 0 {
            assert_eq!(
                snapshot.cost.requests, 3,
                "what will fail again is left alone for a while"
            );
        }
    }
}

#[tokio::test]
#[ignore = "run by other tests, in a process with an environment of its own"]
async fn a_visit_with_the_logins_of_the_process() {
    let mut settings: Value = serde_json::from_str(&std::env::var("FAKE_SETTINGS").unwrap()).unwrap();
    settings["regions"] = json!(["eu-west-1"]);
    settings["endpoint_url"] = json!(std::env::var("FAKE_URL").unwrap());
    let settings = serde_json::from_value(settings).unwrap();
    let factory = super::super::factory(brokerscope_contract::System::AwsSqs).unwrap();
    let mut collector = factory
        .build(&settings)
        .unwrap_or_else(|problems| panic!("{problems:?}"));
    let snapshot = collector.collect(NOW).await.unwrap_or_else(|error| panic!("{error}"));
    let depths = snapshot.samples.iter().filter(|sample| sample.metric == metrics::DEPTH);
    assert_eq!(depths.count(), 3, "{}", told(&snapshot));
}

#[tokio::test]
async fn keys_come_from_the_environment() {
    let variables = [("AWS_ACCESS_KEY_ID", "AKIAENVIRONMENT"), ("AWS_SECRET_ACCESS_KEY", "s")];
    for credentials in ["environment", "automatic"] {
        let keys = in_a_process_with(json!({"credentials": credentials}), &variables).await;
        assert_eq!(keys, "AKIAENVIRONMENT", "{credentials}");
    }
}

#[tokio::test]
async fn keys_come_from_a_profile_and_a_profile_may_assume_a_role() {
    let folder = std::env::temp_dir().join(format!("brokerscope-aws-profile-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let (config, keys) = (folder.join("config"), folder.join("credentials"));
    let role = "[profile across]\nrole_arn = arn:aws:iam::444455556666:role/b\nsource_profile = monitoring\n";
    std::fs::write(&config, format!("[profile monitoring]\nregion = us-east-1\n{role}")).unwrap();
    std::fs::write(
        &keys,
        "[monitoring]\naws_access_key_id = AKIAPROFILE\naws_secret_access_key = s\n",
    )
    .unwrap();
    let files = [
        ("AWS_CONFIG_FILE", config.to_str().unwrap()),
        ("AWS_SHARED_CREDENTIALS_FILE", keys.to_str().unwrap()),
    ];
    let seen = in_a_process_with(json!({"credentials": "profile", "profile": "monitoring"}), &files).await;
    assert_eq!(seen, "AKIAPROFILE");
    let seen = in_a_process_with(json!({"credentials": "profile", "profile": "across"}), &files).await;
    assert_eq!(
        seen, "AKIAPROFILE ASIAAssumeRole",
        "the profile's own keys only ask for the role's"
    );
    std::fs::remove_dir_all(&folder).unwrap();
}

#[tokio::test]
async fn a_web_identity_is_exchanged_for_the_keys_of_a_role() {
    let file = std::env::temp_dir().join(format!("brokerscope-aws-token-{}", std::process::id()));
    std::fs::write(&file, "a.token.of.kubernetes").unwrap();
    let role = "arn:aws:iam::111122223333:role/brokerscope";
    let token = file.to_str().unwrap();
    let variables = [("AWS_WEB_IDENTITY_TOKEN_FILE", token), ("AWS_ROLE_ARN", role)];
    let seen = in_a_process_with(json!({"credentials": "web_identity"}), &variables).await;
    assert_eq!(seen, "ASIAAssumeRoleWithWebIdentity");
    let given = json!({"credentials": "web_identity", "web_identity_token_file": token, "web_identity_role": role});
    let seen = in_a_process_with(given, &[]).await;
    assert_eq!(seen, "ASIAAssumeRoleWithWebIdentity");
    std::fs::remove_file(&file).unwrap();
}
