//! Requests from the broker that are run on the switches: api commands that the configuration allows.

use std::sync::Arc;
use std::time::Duration;

use async_nats::{Client, HeaderMap};
use futures_util::StreamExt as _;
use parking_lot::RwLock;
use switchwire::{Command, Fleet};
use tokio::sync::oneshot;

use crate::sink::nats::CommandsConfig;

/// The first words that may be run.
#[derive(Debug, Clone, Default)]
pub(crate) struct Allowed(Arc<RwLock<Vec<String>>>);

impl Allowed {
    pub(crate) fn replace(&self, words: &[String]) {
        *self.0.write() = words.to_vec();
    }

    fn has(&self, word: &str) -> bool {
        self.0.read().iter().any(|allowed| allowed == word)
    }
}

/// Serves requests on each connection to the broker.
#[derive(Debug, Clone)]
pub(crate) struct Requests {
    config: Option<CommandsConfig>,
    allowed: Allowed,
    fleet: Fleet,
}

impl Requests {
    pub(crate) fn new(config: Option<CommandsConfig>, fleet: Fleet) -> Self {
        let allowed = Allowed::default();
        if let Some(config) = &config {
            allowed.replace(&config.allow);
        }
        Self { config, allowed, fleet }
    }

    pub(crate) fn allowed(&self) -> Allowed {
        self.allowed.clone()
    }

    /// Answers until the connection ends. Several bridges share the requests: one of them answers each.
    pub(crate) async fn serve(self, client: Client) {
        let Some(config) = &self.config else { return };
        let subscribed = client.queue_subscribe(config.subject.clone(), "switchwire-bridge".to_owned()).await;
        let mut requests = match subscribed {
            Ok(requests) => requests,
            Err(error) => {
                tracing::error!(%error, "no requests are served");
                return;
            }
        };
        while let Some(request) = requests.next().await {
            let Some(reply) = request.reply else { continue };
            let node = node_of(&config.subject, &request.subject).unwrap_or_default().to_owned();
            let (one, client, within) = (self.clone(), client.clone(), config.within.0);
            tokio::spawn(async move {
                let (status, text) = one.run(&node, &request.payload, within).await;
                let mut headers = HeaderMap::new();
                headers.insert("Switchwire-Status", status);
                // (A requester that has gone hears nothing.)
                let _ = client.publish_with_headers(reply, headers, text.into()).await;
            });
        }
    }

    /// `ok`: the switch's reply, which may be a `-ERR`. `refused`: not sent. `unknown`: sent, and no reply came.
    async fn run(&self, node: &str, text: &[u8], within: Duration) -> (&'static str, String) {
        let Ok(text) = std::str::from_utf8(text) else {
            return ("refused", "the request is not UTF-8".to_owned());
        };
        let text = text.trim();
        let (word, arguments) = text.split_once(char::is_whitespace).unwrap_or((text, ""));
        if !self.allowed.has(word) {
            return ("refused", format!("{word:?} is not allowed here"));
        }
        let (tell, told) = oneshot::channel();
        let sent = Command::api(word, arguments).map_err(|error| error.to_string()).and_then(|command| {
            let connection = self.fleet.connection(node).and_then(|managed| managed.connection());
            let connection = connection.map_err(|error| error.to_string())?;
            let sent = connection.event_loop().try_submit_with(&command, move |reply| {
                // (After the timeout there is no receiver.)
                let _ = tell.send(reply);
            });
            sent.map_err(|error| error.to_string())
        });
        if let Err(error) = sent {
            return ("refused", error);
        }
        match tokio::time::timeout(within, told).await {
            Ok(Ok(Ok(reply))) => ("ok", reply.text().into_owned()),
            Ok(Ok(Err(error))) => ("unknown", error.to_string()),
            Ok(Err(_)) => ("unknown", "the connection was closed".to_owned()),
            Err(_) => ("unknown", format!("no reply within {within:?}")),
        }
    }
}

/// What stands at the place of `*`.
fn node_of<'a>(pattern: &str, subject: &'a str) -> Option<&'a str> {
    let at = pattern.split('.').position(|word| word == "*")?;
    subject.split('.').nth(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_switch_is_named_by_the_subject() {
        assert_eq!(node_of("fs.*.api", "fs.fs1.api"), Some("fs1"));
        assert_eq!(node_of("fs.api", "fs.api"), None);
    }
}
