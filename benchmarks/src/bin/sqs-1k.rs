//! What a visit to a thousand SQS queues costs: requests and seconds.
//!
//! `sqs-1k [address] [queues] [visits]`: the address of moto or ElasticMQ, by default that of the moto which
//! `cargo xtask brokers up moto` has started. The queues are made there before, and
//! deleted afterwards: every fifth is the dead-letter queue of the one before it, so that there are more redrives to ask
//! about than fit into a visit. On moto there are topics as well. The bar: 1,050 requests a visit.

use std::error::Error;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use brokerscope_benchmarks::measure::{Times, thousands};
use brokerscope_contract::{Settings, System, Timestamp, metrics};
use serde_json::{Value, json};

const REGION: &str = "us-east-1";
const BAR: u32 = 1_050;
const DEAD_LETTER_QUEUE_EVERY: usize = 5;
const TOPICS: usize = 50;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let url = arguments.next().map_or_else(of_moto, Ok)?;
    let queues: usize = arguments.next().map_or(Ok(1_000), |text| text.parse())?;
    let visits: usize = arguments.next().map_or(Ok(10), |text| text.parse())?;
    let mut made = Vec::new();
    for n in 0..queues {
        let answer = ask(&url, "CreateQueue", json!({"QueueName": format!("bench-{n:05}")})).await?;
        made.push(answer["QueueUrl"].clone());
        if n % DEAD_LETTER_QUEUE_EVERY == DEAD_LETTER_QUEUE_EVERY - 1 {
            redrive(&url, &made[n - 1], &made[n]).await?;
        }
    }
    let topics = topics(&url).await?;
    eprintln!("{queues} queues and {} topics are there", topics.len());
    let measured = measure(&url, queues, visits).await;
    for topic in topics {
        sns(&url, &format!("Action=DeleteTopic&TopicArn={topic}")).await?;
    }
    // Others use the stand-in too, and a thousand queues more would slow their visits.
    for address in made {
        ask(&url, "DeleteQueue", json!({"QueueUrl": address})).await?;
    }
    measured
}

/// What the first queue gives up goes to the second one.
async fn redrive(url: &str, from: &Value, to: &Value) -> Result<(), Box<dyn Error>> {
    let wanted = json!({"QueueUrl": to, "AttributeNames": ["QueueArn"]});
    let target = ask(url, "GetQueueAttributes", wanted).await?["Attributes"]["QueueArn"].clone();
    let policy = json!({"deadLetterTargetArn": target, "maxReceiveCount": "3"}).to_string();
    let attributes = json!({"QueueUrl": from, "Attributes": {"RedrivePolicy": policy}});
    ask(url, "SetQueueAttributes", attributes).await.map(drop)
}

/// Makes topics, and returns their ARNs; none where there is no SNS.
async fn topics(url: &str) -> Result<Vec<String>, Box<dyn Error>> {
    let mut made = Vec::new();
    for n in 0..TOPICS {
        let Ok(answer) = sns(url, &format!("Action=CreateTopic&Name=bench-{n:05}")).await else {
            break;
        };
        let arn = answer
            .split("<TopicArn>")
            .nth(1)
            .and_then(|rest| rest.split("</TopicArn>").next());
        made.extend(arn.map(str::to_owned));
    }
    Ok(made)
}

/// In SNS' own protocol of forms.
async fn sns(url: &str, form: &str) -> Result<String, Box<dyn Error>> {
    let signature =
        format!("AWS4-HMAC-SHA256 Credential=b/20260101/{REGION}/sns/aws4_request, SignedHeaders=host, Signature=0");
    let client = reqwest::Client::builder().timeout(Duration::from_secs(30)).build()?;
    let request = client
        .post(url)
        .header("Content-Type", "application/x-www-form-urlencoded")
        .header("Authorization", signature)
        .body(format!("{form}&Version=2010-03-31"));
    Ok(request.send().await?.error_for_status()?.text().await?)
}

async fn measure(url: &str, queues: usize, visits: usize) -> Result<(), Box<dyn Error>> {
    let settings: Settings = serde_json::from_value(json!({
        "regions": [REGION], "credentials": "keys", "access_key_id": "bench", "secret_access_key": "bench",
        "endpoint_url": url, "cloudwatch": "all", "queue_prefix": "bench-",
    }))?;
    let factory = brokerscope_collectors::factory(System::AwsSqs).ok_or("built without AWS")?;
    let mut collector = factory.build(&settings).map_err(|problems| format!("{problems:?}"))?;
    let (mut times, mut most, mut fewest_depths) = (Times::default(), 0, usize::MAX);
    for _ in 0..visits {
        let since = Instant::now();
        let snapshot = collector.collect(now()).await?;
        times.add(since.elapsed());
        most = most.max(snapshot.cost.requests);
        let depths = snapshot
            .samples
            .iter()
            .filter(|sample| sample.metric == metrics::DEPTH)
            .count();
        fewest_depths = fewest_depths.min(depths);
    }
    println!("| measure | value | bar |");
    println!("|---|---|---|");
    println!(
        "| requests of the dearest visit to {} queues | {most} | {BAR} |",
        thousands(queues as u64)
    );
    println!("| queues with figures, the fewest of {visits} visits | {fewest_depths} | {queues} |");
    println!("| one visit, median / p99 of {visits} | {} | - |", times.summary());
    if most > BAR && queues <= 1_000 {
        return Err("more requests than the bar".into());
    }
    Ok(())
}

fn of_moto() -> Result<String, Box<dyn Error>> {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.brokers/moto/endpoints.json");
    let endpoints: Value = serde_json::from_str(&std::fs::read_to_string(file)?)?;
    Ok(endpoints["management"][0]
        .as_str()
        .ok_or("endpoints.json names no address")?
        .to_owned())
}

/// In SQS' own JSON protocol; stand-ins look at the region in the signature and do not check it.
async fn ask(url: &str, action: &str, body: Value) -> Result<Value, Box<dyn Error>> {
    let signature =
        format!("AWS4-HMAC-SHA256 Credential=b/20260101/{REGION}/sqs/aws4_request, SignedHeaders=host, Signature=0");
    let client = reqwest::Client::builder().timeout(Duration::from_secs(30)).build()?;
    let request = client
        .post(url)
        .header("Content-Type", "application/x-amz-json-1.0")
        .header("X-Amz-Target", format!("AmazonSQS.{action}"))
        .header("Authorization", signature)
        .body(body.to_string());
    let text = request.send().await?.error_for_status()?.text().await?;
    Ok(serde_json::from_str(&text).unwrap_or_default())
}

fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(0))
}
