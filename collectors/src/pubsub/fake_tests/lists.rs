//! Lists: when they are read, their pages, and what is new in them.

use super::*;

#[tokio::test]
async fn lists_that_are_asked_for_too_often_rest_and_are_read_soon_afterwards() {
    let fake = shop().await;
    fake.cloud(|cloud| cloud.refuse("/topics", 429, "RESOURCE_EXHAUSTED", "RATE_LIMIT_EXCEEDED"));
    let mut collector = collector(&fake, json!({}));
    let lists = || {
        fake.cloud(|cloud| {
            cloud
                .asked
                .iter()
                .filter(|path| path.contains("/v1/projects/shop/topics"))
                .count()
        })
    };
    let mut asked = Vec::new();
    for minute in 0..8 {
        fake.cloud(|cloud| cloud.now = Some(NOON + minute * MINUTE));
        visit(&mut collector, NOON + minute * MINUTE).await;
        asked.push(lists());
    }
    assert_eq!(asked[0], 1);
    assert!(asked[7] >= 3, "within ten minutes: {asked:?}");
    assert!(asked[7] <= 4, "and more slowly each time: {asked:?}");
    fake.cloud(|cloud| {
        cloud.refusals.clear();
        cloud.now = Some(NOON + 25 * MINUTE);
    });
    let after = visit(&mut collector, NOON + 25 * MINUTE).await;
    assert_eq!(status(&after, "listed").0, Status::Ok);
}

#[tokio::test]
async fn lists_and_series_of_many_pages_are_read_to_the_end() {
    let fake = shop().await;
    fake.cloud(|cloud| cloud.page = 2);
    let mut collector = collector(&fake, json!({}));
    let snapshot = visit(&mut collector, NOON).await;
    let subscriptions = snapshot
        .entities
        .iter()
        .filter(|e| e.key.kind == EntityKind::Subscription);
    assert_eq!(subscriptions.count(), 7);
    assert_eq!(history(&snapshot, &subscription("billing"), metrics::DEPTH).len(), 8);
    assert_eq!(
        last(&snapshot, &subscription("billing"), metrics::ACKNOWLEDGED),
        Some((4, 180.0))
    );

    // Missing from one reading of several pages is not gone yet; from the second it is.
    fake.cloud(|cloud| cloud.remove("shop", "subscriptions", "look"));
    let later = |minutes: i64| NOON + minutes * MINUTE;
    fake.cloud(|cloud| cloud.now = Some(later(10)));
    let doubtful = visit(&mut collector, later(10)).await;
    assert!(
        doubtful
            .entities
            .iter()
            .any(|entity| entity.key == subscription("look"))
    );
    assert!(!doubtful.complete.contains(&EntityKind::Subscription));
    fake.cloud(|cloud| cloud.now = Some(later(20)));
    let gone = visit(&mut collector, later(20)).await;
    assert!(!gone.entities.iter().any(|entity| entity.key == subscription("look")));
    assert!(gone.complete.contains(&EntityKind::Subscription));
}

#[tokio::test]
async fn something_new_is_listed_as_soon_as_it_has_figures_and_something_hidden_is_told() {
    let fake = shop().await;
    let mut collector = collector(&fake, json!({}));
    visit(&mut collector, NOON).await;
    fake.cloud(|cloud| {
        cloud.subscription("shop", "new", "orders", json!({}));
        for minute in 0..40 {
            let end = NOON + minute * MINUTE;
            cloud.level("shop", "num_undelivered_messages", "new", end, 1);
            cloud.level("shop", "num_undelivered_messages", "hidden", end, 1);
        }
    });
    let mut listed = None;
    for minute in 1..=25 {
        let at = NOON + minute * MINUTE;
        fake.cloud(|cloud| cloud.now = Some(at));
        let snapshot = visit(&mut collector, at).await;
        if listed.is_none() && snapshot.entities.iter().any(|entity| entity.key == subscription("new")) {
            listed = Some(minute);
        }
        let known = snapshot
            .history
            .iter()
            .any(|series| series.entity == subscription("hidden"));
        assert!(!known, "what is not listed may have been deleted");
        let told = snapshot.warnings.iter().any(|warning| warning.text.contains("hidden"));
        assert_eq!(told, minute >= 17, "minute {minute}");
    }
    assert_eq!(listed, Some(3), "two minutes hidden, then listed on the next visit");
}
