//! Kafka's own clients and command-line tools, and kcat.
//!
//! `cargo xtask test` has them all, and says so: where `BROKERSCOPE_TEST_BROKERS` lists Kafka they have to be there.
//! Without, that they were not run is printed.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use brokerscope_embedded_broker::EmbeddedBroker;
use rdkafka::consumer::{BaseConsumer, Consumer};
use rdkafka::producer::Producer;

use crate::PATIENCE;
use crate::cluster::{broker, client, until};
use crate::traffic::{producer, send};

/// Whether this run has Kafka, and with it the programs below.
fn has_kafka() -> bool {
    let listed = std::env::var("BROKERSCOPE_TEST_BROKERS").unwrap_or_default();
    listed.split(',').any(|name| name.trim() == "kafka")
}

/// A program that has to be there when this run has Kafka.
fn wanted<T>(what: &str, found: Option<T>) -> Option<T> {
    assert!(found.is_some() || !has_kafka(), "{what} is not there");
    if found.is_none() {
        // Past the capture of the test's output: what is left out must be seen.
        let _ = writeln!(std::io::stderr(), "not run: {what} (`cargo xtask test` has it)");
    }
    found
}

/// Kafka's libraries, as `cargo xtask brokers up kafka` fetches them.
fn libraries() -> Option<PathBuf> {
    let jars = Path::new(env!("CARGO_MANIFEST_DIR")).join("../.brokers/jars");
    let versions = std::fs::read_dir(jars).into_iter().flatten().flatten();
    let newest = versions
        .map(|entry| entry.path().join("lib"))
        .filter(|path| path.to_string_lossy().contains("kafka-4") && path.is_dir())
        .max();
    let java = Command::new("java").arg("-version").output().is_ok();
    wanted("Java with Kafka's libraries", newest.filter(|_| java))
}

fn java(folder: &Path) -> Command {
    let mut command = Command::new("java");
    command.args(["-Xmx128m", "-XX:TieredStopAtLevel=1", "-cp"]);
    command.arg(format!("{}/*", folder.display()));
    command
}

/// Runs one of Kafka's tools with this input; returns what it printed.
fn tool(broker: &EmbeddedBroker, class: &str, words: &str, input: &str) -> Option<String> {
    let folder = libraries()?;
    let mut command = java(&folder);
    command.arg(format!("org.apache.kafka.tools.{class}"));
    let servers = broker.bootstrap_servers();
    command.args(words.split_whitespace().map(|word| word.replace("SERVERS", &servers)));
    Some(run(&mut command, input))
}

fn run(command: &mut Command, input: &str) -> String {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (printed, errors) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{command:?}\n{printed}\n{errors}");
    printed
}

/// What a tool prints about `--bootstrap-server` and the rest.
macro_rules! tool {
    ($broker:expr, $class:expr, $words:expr) => {
        match tool($broker, $class, &format!("--bootstrap-server SERVERS {}", $words), "") {
            Some(printed) => printed,
            None => return,
        }
    };
}

/// The words of the line that has all of these.
fn line<'a>(printed: &'a str, with: &[&str]) -> Vec<&'a str> {
    let mut lines = printed.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
    let found = lines.find(|line| with.iter().all(|word| line.contains(word)));
    found.unwrap_or_else(|| panic!("no line with {with:?} in:\n{printed}"))
}

#[test]
fn kafkas_topic_and_config_tools_work() {
    let broker = broker();
    let topics = "TopicCommand";
    tool!(
        &broker,
        topics,
        "--create --topic orders --partitions 4 --replication-factor 3 --config retention.ms=60000"
    );
    let described = tool!(&broker, topics, "--describe --topic orders");
    assert!(
        described.contains("PartitionCount: 4") && described.contains("ReplicationFactor: 3"),
        "{described}"
    );
    assert!(described.contains("retention.ms=60000"), "{described}");
    tool!(&broker, topics, "--alter --topic orders --partitions 6");
    broker.handle().shrink_isr(Some("orders"), 2);
    let behind = tool!(&broker, topics, "--describe --under-replicated-partitions");
    assert_eq!(behind.matches("Topic: orders").count(), 6, "{behind}");
    broker.handle().restore_isr();

    let configs = |words: &str| format!("--entity-type topics --entity-name orders {words}");
    // Its class has moved from one version to the next.
    let Some(changed) = config_tool(&broker, &configs("--alter --add-config retention.ms=30000")) else {
        return;
    };
    assert!(changed.contains("Completed updating config"), "{changed}");
    let shown = config_tool(&broker, &configs("--describe")).unwrap();
    assert!(shown.contains("retention.ms=30000"), "{shown}");
    let shown = config_tool(&broker, "--entity-type brokers --entity-name 1 --describe --all").unwrap();
    assert!(shown.contains("num.partitions=3"), "{shown}");

    tool!(&broker, topics, "--delete --topic orders");
    assert_eq!(tool!(&broker, topics, "--list").trim(), "");
}

fn config_tool(broker: &EmbeddedBroker, words: &str) -> Option<String> {
    let folder = libraries()?;
    let mut command = java(&folder);
    command.args([
        "kafka.admin.ConfigCommand",
        "--bootstrap-server",
        &broker.bootstrap_servers(),
    ]);
    command.args(words.split_whitespace());
    Some(run(&mut command, ""))
}

#[test]
fn kafkas_clients_for_java_work() {
    let Some(folder) = libraries() else { return };
    let broker = broker();
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/clients/Interop.java");
    let mut command = java(&folder);
    let printed = run(command.arg(program).arg(broker.bootstrap_servers()), "");
    assert!(printed.contains("all is as it is with Kafka"), "{printed}");
    assert_eq!(broker.handle().stats().messages_in, 300, "nothing is stored twice");
}

#[test]
fn kafkas_producers_and_consumers_work() {
    let broker = broker();
    broker.handle().create_topic("orders", 3).unwrap();
    let input: String = (0..50).map(|number| format!("message-{number}\n")).collect();
    if tool(
        &broker,
        "ConsoleProducer",
        "--bootstrap-server SERVERS --topic orders",
        &input,
    )
    .is_none()
    {
        return;
    }
    assert_eq!(broker.handle().stats().messages_in, 50);
    for (group, protocol) in [("classic-group", "classic"), ("consumer-group", "consumer")] {
        let read = tool!(
            &broker,
            "consumer.ConsoleConsumer",
            format!(
                "--topic orders --from-beginning --max-messages 50 --timeout-ms 15000 --group {group} \
                 --consumer-property group.protocol={protocol}"
            )
        );
        let mut lines: Vec<&str> = read.lines().collect();
        lines.sort_unstable();
        lines.dedup();
        assert_eq!(lines.len(), 50, "{protocol}");
    }
    let words = "--topic orders --num-records 20000 --record-size 200 --throughput -1 \
                 --producer-props bootstrap.servers=SERVERS";
    tool(&broker, "ProducerPerformance", words, "");
    assert_eq!(broker.handle().stats().messages_in, 20_050);
    let ends = tool!(&broker, "GetOffsetShell", "--topic orders");
    let sum: u64 = ends
        .lines()
        .filter_map(|line| line.rsplit(':').next()?.parse::<u64>().ok())
        .sum();
    assert_eq!(sum, 20_050, "{ends}");
}

#[test]
fn kafkas_group_tool_works() {
    let broker = broker();
    broker.handle().create_topic("orders", 1).unwrap();
    let producer = producer(&broker, &[]);
    send(&producer, "orders", 0..100);
    producer.flush(PATIENCE).unwrap();
    for (group, protocol) in [("classic-group", "classic"), ("consumer-group", "consumer")] {
        let settings = [
            ("group.id", group),
            ("group.protocol", protocol),
            ("auto.offset.reset", "earliest"),
            ("client.id", "reader"),
        ];
        let consumer: BaseConsumer = client(&broker, &settings);
        consumer.subscribe(&["orders"]).unwrap();
        let mut count = 0;
        until("all is read", || {
            count += usize::from(
                consumer
                    .poll(Duration::from_millis(10))
                    .is_some_and(|read| read.is_ok()),
            );
            count == 100
        });
        consumer
            .commit_consumer_state(rdkafka::consumer::CommitMode::Sync)
            .unwrap();

        let tool_class = "consumer.group.ConsumerGroupCommand";
        let listed = tool!(&broker, tool_class, "--list --state --type");
        line(&listed, &[group, "Stable"]);
        let described = tool!(&broker, tool_class, format!("--describe --group {group}"));
        // Group, topic, partition, current offset, end offset, lag.
        assert_eq!(
            line(&described, &[group, "orders"])[2..6],
            ["0", "100", "100", "0"],
            "{described}"
        );
        let members = tool!(&broker, tool_class, format!("--describe --members --group {group}"));
        line(&members, &[group, "reader", "/127.0.0.1"]);
        drop(consumer);
        let reset = format!("--reset-offsets --to-offset 40 --topic orders --execute --group {group}");
        tool!(&broker, tool_class, reset);
        let described = tool!(&broker, tool_class, format!("--describe --group {group}"));
        assert_eq!(
            line(&described, &[group, "orders"])[2..6],
            ["0", "40", "100", "60"],
            "{described}"
        );
        tool!(
            &broker,
            tool_class,
            format!("--delete-offsets --topic orders --group {group}")
        );
        tool!(&broker, tool_class, format!("--delete --group {group}"));
        let listed = tool!(&broker, tool_class, "--list");
        assert!(!listed.contains(group), "{listed}");
    }
}

#[test]
fn kcat_works() {
    if wanted("kcat", Command::new("kcat").arg("-V").output().ok()).is_none() {
        return;
    }
    let broker = broker();
    let servers = broker.bootstrap_servers();
    let kcat = |words: &str, input: &str| {
        let mut command = Command::new("kcat");
        run(command.args(["-b", &servers]).args(words.split_whitespace()), input)
    };
    kcat("-P -t orders -K : -H source=test", "a:1\nb:2\nc:3\n");
    let read = kcat("-C -t orders -e -q -f %k=%s(%h)\\n", "");
    let mut lines: Vec<&str> = read.lines().collect();
    lines.sort_unstable();
    assert_eq!(lines, ["a=1(source=test)", "b=2(source=test)", "c=3(source=test)"]);
    let metadata = kcat("-L", "");
    assert!(
        metadata.contains("3 brokers") && metadata.contains("topic \"orders\""),
        "{metadata}"
    );
    let mut command = Command::new("kcat");
    let read = run(
        command.args(["-b", &servers, "-G", "readers", "-q", "-e", "-o", "beginning", "orders"]),
        "",
    );
    assert_eq!(read.lines().count(), 3);
}
