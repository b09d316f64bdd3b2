//! Where Pub/Sub itself delivers the messages of a subscription, in a form that may be shown.

use brokerscope_contract::{EntityKey, EntityKind};
use reqwest::Url;

use super::wire::Subscription;

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Delivery<'a> {
    /// An address of HTTP, which may hold secrets: see [`Delivery::address`].
    Push(&'a str),
    /// `project.dataset.table`.
    BigQuery(&'a str),
    Storage(&'a str),
}

impl Subscription {
    /// `None` for one from which subscribers pull.
    pub fn delivers_to(&self) -> Option<Delivery<'_>> {
        fn given(text: Option<&String>) -> Option<&str> {
            text.map(String::as_str).filter(|text| !text.is_empty())
        }
        let push = self.push_config.as_ref().and_then(|c| given(c.push_endpoint.as_ref()));
        let table = self.bigquery_config.as_ref().and_then(|c| given(c.table.as_ref()));
        let bucket = self
            .cloud_storage_config
            .as_ref()
            .and_then(|c| given(c.bucket.as_ref()));
        push.map(Delivery::Push)
            .or(table.map(Delivery::BigQuery))
            .or(bucket.map(Delivery::Storage))
    }

    /// What Pub/Sub says of the table or bucket that it exports to, unless all is well.
    pub fn export_trouble(&self) -> Option<&str> {
        let of_table = self.bigquery_config.as_ref().and_then(|c| c.state.as_deref());
        let of_bucket = self.cloud_storage_config.as_ref().and_then(|c| c.state.as_deref());
        let is_bad = |state: &&str| !matches!(*state, "" | "ACTIVE" | "STATE_UNSPECIFIED");
        let own = self.state.as_deref().filter(is_bad);
        of_table.filter(is_bad).or(of_bucket.filter(is_bad)).or(own)
    }
}

impl Delivery<'_> {
    /// The word on pages.
    pub fn word(&self) -> &'static str {
        match self {
            Delivery::Push(_) => "push",
            Delivery::BigQuery(_) => "BigQuery",
            Delivery::Storage(_) => "Cloud Storage",
        }
    }

    /// Where it goes, without what people hide in addresses: logins, tokens in the query.
    pub fn address(&self) -> String {
        match self {
            Delivery::BigQuery(table) => format!("bigquery:{table}"),
            Delivery::Storage(bucket) => format!("gs://{bucket}"),
            Delivery::Push(text) => match Url::parse(text) {
                Ok(mut url) => {
                    // They fail for addresses that cannot have them, which then have none.
                    let _ = (url.set_username(""), url.set_password(None));
                    url.set_query(None);
                    url.set_fragment(None);
                    url.to_string()
                }
                Err(_) => "an endpoint whose address cannot be read".into(),
            },
        }
    }

    pub fn endpoint(&self) -> EntityKey {
        EntityKey::new(EntityKind::Endpoint, [self.address()])
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn addresses_are_shown_without_secrets() {
        for (config, word, expected) in [
            (
                json!({"pushConfig": {"pushEndpoint": "https://me:hunter2@shop.example/hook?token=hunter2#x"}}),
                "push",
                "https://shop.example/hook",
            ),
            (
                json!({"bigqueryConfig": {"table": "shop.raw.orders"}}),
                "BigQuery",
                "bigquery:shop.raw.orders",
            ),
            (
                json!({"cloudStorageConfig": {"bucket": "archive"}}),
                "Cloud Storage",
                "gs://archive",
            ),
            (
                json!({"pushConfig": {"pushEndpoint": "hunter2"}}),
                "push",
                "an endpoint whose address cannot be read",
            ),
        ] {
            let subscription: Subscription = serde_json::from_value(config).unwrap();
            let delivery = subscription.delivers_to().unwrap();
            assert_eq!((delivery.word(), delivery.address().as_str()), (word, expected));
        }
        let pull: Subscription = serde_json::from_value(json!({"pushConfig": {}})).unwrap();
        assert_eq!(
            pull.delivers_to(),
            None,
            "an empty push configuration is how pulling is written"
        );
    }

    #[test]
    fn trouble_of_an_export_is_told_by_its_own_word() {
        for (config, expected) in [
            (
                json!({"state": "ACTIVE", "bigqueryConfig": {"table": "t", "state": "ACTIVE"}}),
                None,
            ),
            (
                json!({"state": "RESOURCE_ERROR", "bigqueryConfig": {"table": "t", "state": "PERMISSION_DENIED"}}),
                Some("PERMISSION_DENIED"),
            ),
            (json!({"state": "RESOURCE_ERROR"}), Some("RESOURCE_ERROR")),
        ] {
            let subscription: Subscription = serde_json::from_value(config).unwrap();
            assert_eq!(subscription.export_trouble(), expected);
        }
    }
}
