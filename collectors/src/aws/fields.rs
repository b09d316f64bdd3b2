//! The field table of an Amazon connection: form, file format and documentation follow from it.

use brokerscope_contract::{Field, FieldKind};

use super::config::{CLOUDWATCH_SECONDS, DEFAULT_INTERVAL_SECONDS, KEEPS_DAYS};

pub fn fields() -> Vec<Field> {
    vec![
        Field::text(
            "regions",
            "Regions",
            "The regions to watch, such as eu-west-1. Each account is watched in each of them.",
        )
        .of(FieldKind::List)
        .placeholder("eu-west-1, us-east-1")
        .required(),
        Field::text(
            "credentials",
            "Credentials",
            "Where the login comes from. Automatic is the order of Amazon's own tools: environment, web identity, \
             shared profile, container, instance.",
        )
        .choice(&[
            ("automatic", "Automatic"),
            ("environment", "Environment variables"),
            ("profile", "A named profile"),
            ("web_identity", "A web identity token"),
            ("keys", "An access key"),
        ])
        .default("automatic"),
        Field::text("profile", "Profile", "A profile of the server's ~/.aws/config and credentials.")
            .placeholder("monitoring")
            .only_when("credentials", &["profile"]),
        Field::text("access_key_id", "Access key id", "Begins with AKIA, or ASIA for temporary keys.")
            .placeholder("AKIA...")
            .only_when("credentials", &["keys"]),
        Field::text("secret_access_key", "Secret access key", "Belongs to the access key id.")
            .of(FieldKind::Secret)
            .only_when("credentials", &["keys"]),
        Field::text("session_token", "Session token", "Only for temporary keys; they expire.")
            .of(FieldKind::Secret)
            .only_when("credentials", &["keys"]),
        Field::text(
            "web_identity_token_file",
            "Token file",
            "The file on the server that holds the web identity token. Left empty, AWS_WEB_IDENTITY_TOKEN_FILE.",
        )
        .placeholder("/var/run/secrets/eks.amazonaws.com/serviceaccount/token")
        .only_when("credentials", &["web_identity"]),
        Field::text(
            "web_identity_role",
            "Role of the web identity",
            "The role that the token is exchanged for. Left empty, AWS_ROLE_ARN.",
        )
        .placeholder("arn:aws:iam::111122223333:role/brokerscope")
        .only_when("credentials", &["web_identity"]),
        Field::text(
            "roles",
            "Roles to assume",
            "One role for each account that is to be watched. Left empty, the account of the credentials is watched.",
        )
        .of(FieldKind::List)
        .placeholder("arn:aws:iam::444455556666:role/brokerscope"),
        Field::text(
            "external_id",
            "External id",
            "What the trust policies of the roles ask for under sts:ExternalId, if they do.",
        ),
        Field::text(
            "own_account",
            "Watch the account of the credentials too",
            "Beside those of the roles.",
        )
        .of(FieldKind::Switch)
        .default("false"),
        Field::text(
            "interval_seconds",
            "Interval",
            "Seconds between two visits. Each asks SQS once for every queue, at $0.40 a million requests: 100 queues \
             every 60 s are 4.3 million requests or $1.73 a month, 1,000 queues $17. The test says it for your queues.",
        )
        .of(seconds(15, 3_600))
        .default(&DEFAULT_INTERVAL_SECONDS.to_string()),
        Field::text(
            "cloudwatch",
            "CloudWatch",
            "What SQS itself does not tell: the oldest message's age, what was sent, received and deleted, and all \
             figures of SNS. $0.01 a thousand figures: 100 queues every 300 s are $8.64 a month for ages alone, five \
             times that with all counters. The age of an empty queue is not asked for.",
        )
        .choice(&[
            ("off", "Nothing"),
            ("ages", "Ages of the oldest messages"),
            ("all", "Ages, counters and SNS"),
        ])
        .default("ages"),
        Field::text(
            "cloudwatch_seconds",
            "CloudWatch interval",
            "Seconds between two questions to CloudWatch, and the length of one point: 60, 300, 900 or 3600. Points arrive \
             some minutes late and keep their own time.",
        )
        .of(seconds(60, 3_600))
        .default(&CLOUDWATCH_SECONDS.to_string())
        .only_when("cloudwatch", &["ages", "all"]),
        Field::text(
            "backfill_days",
            "Days of past",
            "Read from CloudWatch once, when the connection is new; later only what was missed. CloudWatch keeps 15 \
             days that fine. It costs about as much as one more question: $0.01 for a thousand figures.",
        )
        .of(FieldKind::Number {
            min: 0,
            max: KEEPS_DAYS,
            unit: "days".into(),
        })
        .default(&KEEPS_DAYS.to_string())
        .only_when("cloudwatch", &["ages", "all"]),
        Field::text("sns", "Watch SNS", "Topics, their subscriptions, and where they deliver to.")
            .of(FieldKind::Switch)
            .default("true"),
        Field::text(
            "queue_prefix",
            "Queues that begin with",
            "Only queues whose name begins like this. Left empty, all queues.",
        )
        .advanced(),
        Field::text(
            "queue_urls",
            "Only these queues",
            "Addresses of queues, for a login that may not list them. Nothing is listed then. Each is asked for in the region \
             and with the role of the account that its address names.",
        )
        .of(FieldKind::List)
        .placeholder("https://sqs.eu-west-1.amazonaws.com/111122223333/orders")
        .advanced(),
        Field::text(
            "endpoint_url",
            "Other endpoint",
            "For a VPC endpoint with its own name, or a stand-in such as ElasticMQ or moto. All services are asked there.",
        )
        .placeholder("http://127.0.0.1:9324")
        .advanced(),
    ]
}

fn seconds(min: i64, max: i64) -> FieldKind {
    FieldKind::Number {
        min,
        max,
        unit: "seconds".into(),
    }
}
