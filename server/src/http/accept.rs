//! Accepts connections and speaks HTTP on them, with the limits that a slow or greedy client needs.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

/// A page holds about six connections; beyond this new ones wait until others end.
const CONNECTIONS_AT_ONCE: usize = 512;
/// A client that sends its request's head more slowly than this, or is idle for so long, is let go.
const HEAD_WITHIN: Duration = Duration::from_secs(30);
/// After the system refused a connection, usually for want of file descriptors.
const AFTER_REFUSAL: Duration = Duration::from_millis(500);

/// Serves until `stopping` is cancelled, and then until the last request has been answered.
pub async fn serve(listener: TcpListener, router: Router, stopping: CancellationToken) {
    let places = Arc::new(Semaphore::new(CONNECTIONS_AT_ONCE));
    let mut http = http1::Builder::new();
    http.timer(TokioTimer::new()).header_read_timeout(HEAD_WITHIN);
    let open = GracefulShutdown::new();
    while let Some(stream) = stopping.run_until_cancelled(accept(&listener)).await {
        let Some(Ok(place)) = stopping.run_until_cancelled(Arc::clone(&places).acquire_owned()).await else {
            break;
        };
        // Events and steps of a test are small, and are to arrive as they happen.
        let _ = stream.set_nodelay(true);
        let service = TowerToHyperService::new(router.clone());
        let connection = open.watch(http.serve_connection(TokioIo::new(stream), service));
        tokio::spawn(async move {
            let _place = place;
            if let Err(error) = connection.await {
                // The other side went away, or did not speak HTTP: its business.
                tracing::debug!(%error, "a connection ended early");
            }
        });
    }
    open.shutdown().await;
}

async fn accept(listener: &TcpListener) -> TcpStream {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => return stream,
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(AFTER_REFUSAL).await;
            }
        }
    }
}
