//! Logins that last, end, are wrong, or come from a clock that is wrong.

use super::*;

#[tokio::test]
async fn a_login_lasts_and_is_renewed_when_it_was_revoked() {
    let fake = shop().await;
    fake.cloud(|cloud| cloud.needs_token = true);
    let mut collector = collector(&fake, account(&fake));
    let logins = || fake.cloud(|cloud| cloud.asked.iter().filter(|path| *path == "/token").count());
    visit(&mut collector, NOON).await;
    visit(&mut collector, NOON + MINUTE).await;
    assert_eq!(logins(), 1);
    fake.cloud(|cloud| cloud.tokens.clear());
    let snapshot = visit(&mut collector, NOON + 2 * MINUTE).await;
    assert!(logins() >= 2);
    assert_eq!(status(&snapshot, "login").0, Status::Ok);
    assert_eq!(status(&snapshot, "numbers").0, Status::Ok);
}

#[tokio::test]
async fn a_clock_ten_minutes_off_is_told_and_does_no_harm() {
    let fake = shop().await;
    fake.cloud(|cloud| cloud.needs_token = true);
    for (off, words) in [(-10, "10 min behind Google's"), (10, "10 min ahead of Google's")] {
        let mut collector = collector(&fake, account(&fake));
        let snapshot = visit(&mut collector, NOON + off * MINUTE).await;
        let (clock, text) = status(&snapshot, "clock");
        assert_eq!(clock, Status::Warning);
        assert!(text.replace('\u{a0}', " ").contains(words), "{text}");
        assert_eq!(
            last(&snapshot, &subscription("billing"), metrics::DEPTH),
            Some((2, 108.0))
        );
    }
}

#[tokio::test]
async fn wrong_logins_are_explained() {
    let fake = shop().await;
    for (said, part) in [
        ("Invalid grant: account not found", "does not exist"),
        ("Invalid JWT Signature.", "key was deleted"),
    ] {
        let refusal = json!({"error": "invalid_grant", "error_description": said});
        fake.cloud(|cloud| cloud.refusals = vec![("/token".into(), 400, refusal, None)]);
        let visited = collector(&fake, account(&fake)).collect(Timestamp(NOON)).await;
        let Err(CollectError::Login { detail, remedy }) = visited else {
            panic!("{visited:?}")
        };
        assert!(detail.contains(part) && !remedy.is_empty(), "{detail}");
    }
}
