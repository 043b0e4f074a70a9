//! `/healthz` and `/metrics`.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;
use serde_json::{Value, json};
use switchwire::{Fleet, HealthState};
use tokio::net::TcpListener;

use crate::bridge::Way;

pub(crate) struct Page {
    pub(crate) fleet: Fleet,
    pub(crate) ways: Vec<Way>,
    pub(crate) metrics: PrometheusHandle,
}

/// Listens; returns the address and what serves it.
pub(crate) async fn serve(
    listen: SocketAddr,
    page: Page,
) -> std::io::Result<(SocketAddr, impl Future<Output = std::io::Result<()>>)> {
    let listener = TcpListener::bind(listen).await?;
    let address = listener.local_addr()?;
    let router = Router::new()
        .route("/healthz", get(healthz))
        .route("/metrics", get(exposition))
        .with_state(Arc::new(page));
    Ok((address, async move { axum::serve(listener, router).await }))
}

/// 200 when every switch and every sink is there, else 503; the body says which.
async fn healthz(
    State(page): State<Arc<Page>>,
) -> (StatusCode, [(header::HeaderName, &'static str); 1], String) {
    let nodes = page.fleet.health_of_all();
    let well = nodes.iter().all(|(_, health)| health.state != HealthState::Down)
        && page.ways.iter().all(|way| way.status.lock().up);
    let nodes: Vec<Value> = nodes
        .into_iter()
        .map(|(name, health)| {
            json!({ "node": &*name, "state": health.state.name(), "outages": health.outages, "queued": health.queued })
        })
        .collect();
    let sinks: Vec<Value> = page
        .ways
        .iter()
        .map(|way| {
            let (status, waiting) = (way.status.lock().clone(), way.outbox.waiting());
            json!({
                "sink": way.sink,
                "up": status.up,
                "error": status.last_error,
                "waiting": waiting.records,
                "spooled_bytes": waiting.spool_bytes,
            })
        })
        .collect();
    let code = if well { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = json!({ "healthy": well, "nodes": nodes, "sinks": sinks });
    (code, [(header::CONTENT_TYPE, "application/json")], body.to_string())
}

async fn exposition(State(page): State<Arc<Page>>) -> ([(header::HeaderName, &'static str); 1], String) {
    for way in &page.ways {
        way.record_metrics();
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], page.metrics.render())
}
