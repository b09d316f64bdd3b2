//! Queues that are named by their addresses: in which region and with which login each is asked for. Pure.

use brokerscope_contract::FieldProblem;

use super::config::Config;
use super::wire::{arn, of_url};

impl Config {
    /// Those of the named queues that are asked for with this role in this region.
    pub fn queues_of(&self, role: Option<&str>, region: &str) -> impl Iterator<Item = &str> {
        let is_here =
            move |url: &&String| region_of(url).is_none_or(|named| named == region) && self.login_of(url) == Some(role);
        self.queue_urls.iter().filter(is_here).map(String::as_str)
    }

    /// The role with which a queue is asked for, or none for the account of the credentials: where there are several, the
    /// one of the queue's own account. `None` where there is none for it.
    fn login_of(&self, url: &str) -> Option<Option<&str>> {
        let account = of_url(url).map(|(account, _)| account);
        let of_account = |role: &&String| arn(role).map(|role| role.account) == account;
        let own = self.own_account.then_some(None);
        match (&self.roles[..], own) {
            ([], own) => own,
            // An account may let others read its queues.
            ([only], None) => Some(Some(only)),
            (roles, own) => roles.iter().find(of_account).map(|role| Some(role.as_str())).or(own),
        }
    }

    /// What is wrong with the address of a queue.
    pub fn misplaced(&self, url: &str) -> Option<FieldProblem> {
        let problem = |detail: String, remedy: &str| Some(FieldProblem::new("queue_urls", detail, remedy));
        let is_address = url.split('/').count() >= 5 && of_url(url).is_some();
        if !is_address {
            let remedy = "Write it like https://sqs.eu-west-1.amazonaws.com/111122223333/orders.";
            return problem(format!("{url:?} is not the address of a queue"), remedy);
        }
        match region_of(url) {
            Some(region) if !self.regions.iter().any(|named| named == region) => {
                let remedy = "Add the region under Regions, or leave the queue out.";
                return problem(format!("{url:?} is in {region}, which is not watched"), remedy);
            }
            None if self.regions.len() > 1 => {
                let remedy = "Watch it with a connection of its own that names one region.";
                return problem(format!("{url:?} does not say in which of the regions it is"), remedy);
            }
            _ => {}
        }
        if self.login_of(url).is_none() {
            let remedy = "Add a role of that account under Roles to assume, or leave the queue out.";
            return problem(format!("{url:?} is in an account that no role is for"), remedy);
        }
        None
    }
}

/// The region in the host of an address: `sqs.eu-west-1.amazonaws.com`, `eu-west-1.queue.amazonaws.com`. Stand-ins name none.
fn region_of(url: &str) -> Option<&str> {
    let host = url.split("://").nth(1)?.split(['/', ':']).next()?;
    host.split('.').find(|label| {
        let mut parts = label.split('-');
        let area = parts.next().is_some_and(|area| area.len() == 2);
        let number = label
            .rsplit('-')
            .next()
            .is_some_and(|number| number.parse::<u8>().is_ok());
        area && number && label.split('-').count() >= 3
    })
}

#[cfg(test)]
mod tests {
    use brokerscope_contract::Settings;
    use serde_json::{Value, json};

    use super::*;
    use crate::aws::config;

    fn read(settings: Value) -> Result<Config, Vec<String>> {
        let settings: Settings = serde_json::from_value(settings).unwrap();
        config::parse(&settings).map_err(|problems| problems.into_iter().map(|problem| problem.field).collect())
    }

    #[test]
    fn each_named_queue_is_asked_for_in_its_own_region_and_account() {
        let (here, there) = ("arn:aws:iam::111122223333:role/b", "arn:aws:iam::444455556666:role/b");
        let url = |region: &str, account: &str| format!("https://sqs.{region}.amazonaws.com/{account}/orders");
        let (ours, theirs) = (url("eu-west-1", "111122223333"), url("us-gov-west-1", "444455556666"));
        let settings = |urls: &[&str], more: Value| {
            let mut settings =
                json!({"regions": ["eu-west-1", "us-gov-west-1"], "roles": [here, there], "queue_urls": urls});
            settings
                .as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            read(settings)
        };
        let config = settings(&[&ours, &theirs], json!({})).unwrap();
        let asked =
            |config: &Config, role, region: &str| config.queues_of(role, region).map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(asked(&config, Some(here), "eu-west-1"), [ours.as_str()]);
        assert_eq!(asked(&config, Some(there), "us-gov-west-1"), [theirs.as_str()]);
        assert!(asked(&config, Some(here), "us-gov-west-1").is_empty());
        assert!(asked(&config, Some(there), "eu-west-1").is_empty());
        for lost in [
            url("eu-west-3", "111122223333"),
            url("eu-west-1", "999988887777"),
            "http://127.0.0.1:9324/111122223333/orders".to_owned(),
            "orders".to_owned(),
        ] {
            assert_eq!(settings(&[&lost], json!({})).err().unwrap(), ["queue_urls"], "{lost}");
        }
        // The account of the credentials takes what no role is for; a single login may read what others let it read.
        let foreign = url("eu-west-1", "999988887777");
        let config = settings(&[&foreign], json!({"own_account": true})).unwrap();
        assert_eq!(asked(&config, None, "eu-west-1"), [foreign.as_str()]);
        let config = settings(&[&foreign], json!({"roles": [here]})).unwrap();
        assert_eq!(asked(&config, Some(here), "eu-west-1"), [foreign.as_str()]);
        let stand_in = "http://127.0.0.1:9324/000000000000/orders";
        let config = read(json!({"regions": ["elasticmq"], "queue_urls": [stand_in]}));
        assert!(config.is_err(), "a region has a hyphen");
        let config = read(json!({"regions": ["us-east-1"], "queue_urls": [stand_in]})).unwrap();
        assert_eq!(asked(&config, None, "us-east-1"), [stand_in]);
    }
}
