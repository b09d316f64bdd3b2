//! Traffic on a real RabbitMQ, and what the broker's own tools say of it.

use std::process::Command;

use lapin::options::{BasicAckOptions, BasicConsumeOptions, BasicGetOptions, BasicPublishOptions, BasicQosOptions};
use lapin::options::{QueueDeclareOptions, QueueDeleteOptions};
use lapin::types::FieldTable;
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties, Consumer};
use serde_json::{Value, json};

use crate::brokers::{Endpoints, broker_folder, workspace};

/// One connection with one channel. What it declared stays until [`Traffic::delete`].
pub struct Traffic {
    _connection: Connection,
    pub channel: Channel,
}

impl Traffic {
    pub async fn connect(endpoints: &Endpoints) -> Traffic {
        Traffic::connect_to(endpoints, "%2f").await
    }

    /// In a virtual host whose name needs no escaping, or has it.
    pub async fn connect_to(endpoints: &Endpoints, vhost: &str) -> Traffic {
        let address = format!("amqp://guest:guest@{}/{vhost}", endpoints.amqp[0]);
        let connection = Connection::connect(&address, ConnectionProperties::default())
            .await
            .expect("RabbitMQ answers");
        let channel = connection.create_channel().await.expect("a channel opens");
        channel
            .confirm_select(Default::default())
            .await
            .expect("confirms are on");
        Traffic {
            _connection: connection,
            channel,
        }
    }

    /// Declares a durable queue; `arguments` are the broker's own, such as `x-dead-letter-exchange`.
    pub async fn declare(&self, queue: &str, arguments: FieldTable) {
        let options = QueueDeclareOptions {
            durable: true,
            ..Default::default()
        };
        self.channel
            .queue_declare(queue.into(), options, arguments)
            .await
            .expect("the queue is declared");
    }

    /// Publishes `count` messages and waits until the broker has confirmed each.
    pub async fn publish(&self, queue: &str, count: usize) {
        for _ in 0..count {
            let sent = self.channel.basic_publish(
                "".into(),
                queue.into(),
                BasicPublishOptions::default(),
                b"{\"order\":1}",
                BasicProperties::default().with_delivery_mode(2),
            );
            sent.await
                .expect("the broker takes it")
                .await
                .expect("the broker confirms it");
        }
    }

    /// Takes up to `count` messages out of the queue and acknowledges them; returns how many there were.
    pub async fn take(&self, queue: &str, count: usize) -> usize {
        for taken in 0..count {
            let message = self
                .channel
                .basic_get(queue.into(), BasicGetOptions::default())
                .await
                .expect("get works");
            let Some(message) = message else { return taken };
            message.ack(BasicAckOptions::default()).await.expect("ack works");
        }
        count
    }

    /// A consumer that is handed at most `prefetch` messages and, unless the caller does it, acknowledges none.
    pub async fn consume(&self, queue: &str, tag: &str, prefetch: u16) -> Consumer {
        self.channel
            .basic_qos(prefetch, BasicQosOptions::default())
            .await
            .expect("prefetch is set");
        let options = BasicConsumeOptions::default();
        self.channel
            .basic_consume(queue.into(), tag.into(), options, FieldTable::default())
            .await
            .expect("it consumes")
    }

    pub async fn delete(&self, queue: &str) {
        let _ = self
            .channel
            .queue_delete(queue.into(), QueueDeleteOptions::default())
            .await;
    }
}

/// What `rabbitmqctl list_queues` says: ready and unacknowledged messages of one queue of the default virtual host.
pub fn ctl_counts(endpoints: &Endpoints, queue: &str) -> Option<(u64, u64)> {
    let output = Command::new(broker_folder(&endpoints.name).join("rabbitmqctl"))
        .args([
            "list_queues",
            "--quiet",
            "name",
            "messages_ready",
            "messages_unacknowledged",
        ])
        .output()
        .expect("rabbitmqctl runs");
    let text = String::from_utf8_lossy(&output.stdout);
    let row = text.lines().find(|line| line.split('\t').next() == Some(queue))?;
    let mut columns = row.split('\t').skip(1).map(|column| column.trim().parse::<u64>());
    Some((columns.next()?.ok()?, columns.next()?.ok()?))
}

/// Makes a user, or changes it, and lets it into virtual hosts without any right in them.
pub async fn make_user(endpoints: &Endpoints, user: &str, password: &str, tags: &str, vhosts: &[&str]) {
    put(
        endpoints,
        &format!("users/{user}"),
        &json!({"password": password, "tags": tags}),
    )
    .await;
    let nothing = json!({"configure": "^$", "write": "^$", "read": "^$"});
    for vhost in vhosts {
        put(
            endpoints,
            &format!("permissions/{}/{user}", vhost.replace('/', "%2F")),
            &nothing,
        )
        .await;
    }
}

async fn put(endpoints: &Endpoints, path: &str, body: &Value) {
    let request = reqwest::Client::new().put(format!("{}/api/{path}", endpoints.management[0]));
    let sent = request.basic_auth("guest", Some("guest")).json(body).send().await;
    let status = sent.expect("RabbitMQ answers").status();
    assert!(status.is_success(), "PUT {path}: {status}");
}

/// Runs the commands by which `docs/rabbitmq.md` makes a user, word by word but for its name and password.
pub fn make_documented_user(endpoints: &Endpoints, user: &str, password: &str) {
    let page = std::fs::read_to_string(workspace().join("docs/rabbitmq.md")).expect("the page is there");
    let commands = page.split("```sh\n").nth(1).and_then(|rest| rest.split("```").next());
    let commands = commands.expect("the page has commands");
    assert!(
        commands.contains("add_user brokerscope 'a long password'"),
        "{commands}"
    );
    let tool = broker_folder(&endpoints.name).join("rabbitmqctl");
    let script = commands
        .replace("rabbitmqctl", &tool.display().to_string())
        .replace("'a long password'", &format!("'{password}'"))
        .replace(" brokerscope ", &format!(" {user} "));
    let output = Command::new("sh").args(["-ec", &script]).output().expect("a shell");
    assert!(
        output.status.success(),
        "{script}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// Removes a user.
pub async fn remove_user(endpoints: &Endpoints, user: &str) {
    let request = reqwest::Client::new().delete(format!("{}/api/users/{user}", endpoints.management[0]));
    let _ = request.basic_auth("guest", Some("guest")).send().await;
}

/// The operating system's number for the node's process, as the node itself says.
pub fn node_pid(endpoints: &Endpoints) -> u32 {
    let output = Command::new(broker_folder(&endpoints.name).join("rabbitmqctl"))
        .args(["eval", "--quiet", "io:format(\"~s\", [os:getpid()])."])
        .output()
        .expect("rabbitmqctl runs");
    let text = String::from_utf8_lossy(&output.stdout);
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    digits
        .parse()
        .unwrap_or_else(|_| panic!("no process number in {text:?}"))
}

/// Stops RabbitMQ on the node, as an operator does; Erlang itself keeps running.
pub fn stop(endpoints: &Endpoints) {
    control(endpoints, "stop_app");
}

/// Starts RabbitMQ again and returns once it takes connections.
pub fn start(endpoints: &Endpoints) {
    control(endpoints, "start_app");
}

fn control(endpoints: &Endpoints, command: &str) {
    let output = Command::new(broker_folder(&endpoints.name).join("rabbitmqctl"))
        .arg(command)
        .output()
        .expect("rabbitmqctl runs");
    assert!(
        output.status.success(),
        "rabbitmqctl {command}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}
