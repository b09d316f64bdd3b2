//! From settings to logged-in clients: one for each account in each region.

use std::sync::Arc;
use std::time::Duration;

use aws_config::environment::EnvironmentVariableCredentialsProvider;
use aws_config::profile::ProfileFileCredentialsProvider;
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::sts::AssumeRoleProvider;
use aws_config::timeout::TimeoutConfig;
use aws_config::web_identity_token::{StaticConfiguration, WebIdentityTokenCredentialsProvider};
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_sqs::config::{Credentials, SharedCredentialsProvider};
use tokio::sync::Semaphore;

use super::client::Client;
use super::config::{Config, Login};
use super::pace::AT_ONCE;

const CONNECT: Duration = Duration::from_secs(5);
const ANSWER: Duration = Duration::from_secs(15);
/// What shows up in Amazon's own audit log as who did it.
const SESSION: &str = "brokerscope";

/// A client for every account in every region, in the order of the settings. Asks nothing yet; credentials are fetched
/// with the first question and renewed by the SDK.
pub async fn clients(config: &Config) -> Vec<Client> {
    let Some(first) = config.regions.first() else {
        return Vec::new();
    };
    let base = base(config, first).await;
    let mut logins: Vec<(Option<String>, SdkConfig)> = Vec::new();
    if config.own_account {
        logins.push((None, base.clone()));
    }
    for role in &config.roles {
        let mut provider = AssumeRoleProvider::builder(role).session_name(SESSION).configure(&base);
        if let Some(id) = &config.external_id {
            provider = provider.external_id(id);
        }
        let provider = SharedCredentialsProvider::new(provider.build().await);
        let assumed = base.to_builder().credentials_provider(provider).build();
        logins.push((Some(role.clone()), assumed));
    }
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut clients = Vec::new();
    for (role, login) in logins {
        for region in &config.regions {
            let there = login.to_builder().region(Region::new(region.clone())).build();
            clients.push(Client::new(role.clone(), region.clone(), &there, turns.clone()));
        }
    }
    clients
}

async fn base(config: &Config, region: &str) -> SdkConfig {
    let region = Region::new(region.to_owned());
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_timeout(ANSWER);
    let mut loader = aws_config::defaults(BehaviorVersion::v2026_01_12())
        .region(region.clone())
        // What is throttled is not tried again at once: the collector holds back by itself and counts every request.
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts.build());
    if let Some(url) = &config.endpoint_url {
        loader = loader.endpoint_url(url);
    }
    let source = ProviderConfig::without_region().with_region(Some(region));
    let loader = match &config.login {
        Login::Automatic => loader,
        Login::Environment => loader.credentials_provider(EnvironmentVariableCredentialsProvider::new()),
        Login::Profile(name) => loader.credentials_provider(
            ProfileFileCredentialsProvider::builder()
                .configure(&source)
                .profile_name(name)
                .build(),
        ),
        Login::WebIdentity(given) => {
            let mut provider = WebIdentityTokenCredentialsProvider::builder().configure(&source);
            if let Some((file, role)) = given {
                provider = provider.static_configuration(StaticConfiguration {
                    web_identity_token_file: file.into(),
                    role_arn: role.clone(),
                    session_name: SESSION.into(),
                });
            }
            loader.credentials_provider(provider.build())
        }
        Login::Keys { id, secret, token } => loader.credentials_provider(Credentials::new(
            id,
            secret,
            token.clone(),
            None,
            "the connection's settings",
        )),
    };
    loader.load().await
}
