//! `GET /metrics`.

use std::net::SocketAddr;
use std::sync::Arc;
use std::thread;

use parking_lot::Mutex;
use tiny_http::{Header, Method, Request, Response, Server};

use super::figures::Figures;
use super::metrics;
use crate::failure::{Failure, Result};

/// Listens and serves on a thread; gives the address.
pub(crate) fn serve(bind: &str, figures: Arc<Mutex<Figures>>) -> Result<SocketAddr> {
    let cannot = |error: &dyn std::fmt::Display| Failure::failed(format!("cannot listen on {bind}: {error}"));
    let server = Server::http(bind).map_err(|error| cannot(&error))?;
    let address = server.server_addr().to_ip().ok_or_else(|| cannot(&"no address"))?;
    let answer_all = move || {
        for request in server.incoming_requests() {
            answer(request, &figures);
        }
    };
    thread::Builder::new().name("http".into()).spawn(answer_all).map_err(|error| cannot(&error))?;
    Ok(address)
}

fn answer(request: Request, figures: &Mutex<Figures>) {
    let path = request.url().split('?').next().unwrap_or_default();
    let is_get = *request.method() == Method::Get || *request.method() == Method::Head;
    // A client that has gone does not matter.
    let _ = match (is_get, path) {
        (true, "/metrics") => {
            let text = metrics::text(&figures.lock());
            match text {
                Ok(text) => request.respond(typed(Response::from_string(text), metrics::CONTENT_TYPE)),
                Err(_) => {
                    request.respond(Response::from_string("cannot write the figures\n").with_status_code(500))
                }
            }
        }
        (true, "/") => request.respond(Response::from_string("switchwire exporter: see /metrics\n")),
        (true, _) => request.respond(Response::from_string("not found\n").with_status_code(404)),
        (false, _) => request.respond(Response::from_string("only GET\n").with_status_code(405)),
    };
}

fn typed(
    response: Response<std::io::Cursor<Vec<u8>>>,
    content_type: &str,
) -> Response<std::io::Cursor<Vec<u8>>> {
    match Header::from_bytes("Content-Type", content_type) {
        Ok(header) => response.with_header(header),
        Err(()) => response,
    }
}
