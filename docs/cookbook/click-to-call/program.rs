//! A page with a button that has the visitor called: HOST PORT PASSWORD WEB_PORT AGENT.

use std::time::Duration;

use serde_json::Value;
use switchwire::dial::{DialString, Endpoint, Originate, Target};
use switchwire::{Connection, EventType, Subscription};
use tiny_http::{Header, Method, Request, Response, Server};

fn call_visitor(fs: &Connection, number: &str, agent: &str) -> &'static str {
    let dial = DialString::new(Endpoint::from_text(&format!("user/{number}"))).timeout(20);
    let originate = Originate::new(dial, Target::application("park"));
    let Ok(call) = fs.originate_call(&originate, Duration::from_secs(30)) else {
        return "You did not answer.";
    };
    match call.bridge(DialString::new(Endpoint::from_text(agent)).timeout(20)) {
        Ok(bridge) if bridge.answered => "We talked.",
        _ => "All of us are busy.",
    }
}

/// The status and the text for a request of `/call`.
fn answer(request: &mut Request, fs: &Connection, agent: &str) -> (u16, &'static str) {
    // Only a page of this origin may send JSON here.
    let is_json = |header: &Header| header.field.equiv("Content-Type") && header.value == "application/json";
    if request.url() != "/call" || !request.headers().iter().any(is_json) {
        return (415, "JSON, please");
    }
    let asked: Value =
        serde_json::from_reader(std::io::Read::take(request.as_reader(), 1000)).unwrap_or_default();
    let number = asked["number"].as_str().unwrap_or_default();
    if !(2..=15).contains(&number.len()) || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return (400, "This is no number.");
    }
    (200, call_visitor(fs, number, agent))
}

fn main() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [host, port, password, web_port, agent] = &words[..] else { return Err("five arguments".into()) };
    let connection = Connection::connect(host, port.parse()?, password)?;
    connection.subscribe(&Subscription::new().events([
        EventType::BackgroundJob,
        EventType::ChannelExecuteComplete,
        EventType::ChannelHangupComplete,
    ]))?;
    let server = Server::http(("127.0.0.1", web_port.parse()?))?;
    // A thread for each request; they share the connection.
    std::thread::scope(|scope| {
        for mut request in server.incoming_requests() {
            let connection = &connection;
            scope.spawn(move || {
                if *request.method() == Method::Get && request.url() == "/" {
                    let mut page = Response::from_string(include_str!("page.html"));
                    if let Ok(html) = Header::from_bytes("Content-Type", "text/html") {
                        page.add_header(html);
                    }
                    let _ = request.respond(page);
                } else {
                    let (status, text) = answer(&mut request, connection, agent);
                    let _ = request.respond(Response::from_string(text).with_status_code(status));
                }
            });
        }
    });
    Ok(())
}
