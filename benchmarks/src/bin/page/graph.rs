//! A graph of a thousand nodes, laid out by the page in the browser.

use std::time::Duration;

use brokerscope_contract::api::path;
use brokerscope_contract::api::topology::Topology;
use brokerscope_tests::brokers::Endpoints;
use brokerscope_tests::measure::percentile;
use brokerscope_tests::patience::eventually;
use brokerscope_tests::rabbitmq_vhost::Vhost;
use brokerscope_tests::{Browser, Product, rabbitmq};
use serde_json::json;

const EXCHANGES: usize = 40;
const QUEUES: usize = 960;
const LOADS: usize = 5;

/// The page never asks for so much at once: it shows what is alike as groups. Here its question is changed on the way.
const ASK_FOR_ALL: &str = "const ask = window.fetch; window.fetch = (what, how) => {\
    const url = new URL(what.url ?? what, location.href);\
    if (url.pathname !== '/api/v1/topology') return ask(what, how);\
    url.searchParams.set('whole', 'true');\
    return ask(what.url ? new Request(url, what) : url, how);\
};";

/// Prints how long the layout takes, each time in a new page.
pub async fn layout(product: &Product, endpoints: &Endpoints) {
    let vhost = Vhost::create(endpoints, "graph").await;
    let traffic = rabbitmq::Traffic::connect_to(endpoints, &vhost.name).await;
    for number in 0..EXCHANGES {
        let topic = json!({"type": "topic", "durable": true});
        vhost.put("exchanges", &format!("events.{number:02}"), &topic).await;
    }
    for number in 0..QUEUES {
        let queue = format!("work.{number:04}");
        traffic.declare(&queue, Default::default()).await;
        // Two exchanges feed each: the lines cross.
        for exchange in [number % EXCHANGES, (number * 7 + 3) % EXCHANGES] {
            let binding = json!({"routing_key": format!("order.{number}")});
            vhost
                .post("bindings", &format!("e/events.{exchange:02}/q/{queue}"), &binding)
                .await;
        }
    }
    let settings = json!({"management_urls": endpoints.management, "user": "guest", "password": "guest",
        "vhosts": [vhost.name]});
    let new = json!({"name": "graph", "system": "rabbitmq", "settings": settings});
    let connection = product.post(path::CONNECTIONS, &new).await["id"].clone();
    let whole = format!("{}?connection={connection}&whole=true", path::TOPOLOGY);
    let (nodes, edges) = eventually("the whole graph is there", 180, || async {
        let topology: Topology = product.get(&whole).await;
        let size = (topology.nodes.len(), topology.edges.len());
        (size.0 >= EXCHANGES + QUEUES && size.1 >= QUEUES).then_some(size)
    })
    .await;

    let mut millis = Vec::new();
    for _ in 0..LOADS {
        let browser = Browser::open()
            .await
            .expect("this benchmark needs BROKERSCOPE_TEST_CHROMIUM");
        browser.resize(1440, 1000).await;
        let script = json!({ "source": ASK_FOR_ALL });
        browser.call("Page.addScriptToEvaluateOnNewDocument", script).await;
        browser
            .goto(&format!("{}/topology?connection={connection}", product.url))
            .await;
        let longest = "Math.max(0, ...performance.getEntriesByName('layout', 'measure').map(e => e.duration))";
        let longest = eventually("the graph is laid out", 60, || async {
            browser.eval(longest).await.as_f64().filter(|millis| *millis > 0.0)
        })
        .await;
        millis.push(longest);
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
    println!(
        "| layout of {nodes} nodes and {edges} edges in the browser, median / worst of {LOADS} | {:.0} / {:.0} ms | 200 ms |",
        percentile(&millis, 0.5),
        percentile(&millis, 1.0)
    );
    vhost.delete().await;
}
