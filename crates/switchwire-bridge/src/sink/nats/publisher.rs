//! Publishes into JetStream and keeps account of the acknowledgements.
//!
//! One subscription for all of them, by the number in its subject: the client's own way has a channel, a timer and a subject of
//! chance for each message (6.7 us of CPU an event in the bridge's bench, a third of all).

use std::collections::VecDeque;
use std::task::Poll;
use std::time::Duration;

use async_nats::header::{HeaderName, NATS_MESSAGE_ID};
use async_nats::{Client, HeaderMap, Message, Subscriber};
use futures_util::{FutureExt as _, StreamExt as _};
use serde::Deserialize;

use crate::record::Record;

/// How long the broker has for acknowledging.
const WITHIN: Duration = Duration::from_secs(5);

pub(super) struct Publisher {
    client: Client,
    /// Acknowledgements come to this subject and a number.
    inbox: String,
    acknowledgements: Subscriber,
    /// What is out, from number `first` on: whether it has been acknowledged.
    out: VecDeque<bool>,
    first: u64,
    node: HeaderName,
}

/// What the broker says: a place in the stream, or an error.
#[derive(Deserialize)]
struct Acknowledgement {
    error: Option<Refusal>,
}

#[derive(Deserialize)]
struct Refusal {
    description: String,
}

impl Publisher {
    pub(super) async fn new(client: Client) -> Result<Self, String> {
        let inbox = client.new_inbox();
        let acknowledgements =
            client.subscribe(format!("{inbox}.*")).await.map_err(|error| error.to_string())?;
        let node = HeaderName::from_static("Switchwire-Node");
        Ok(Self { client, inbox, acknowledgements, out: VecDeque::new(), first: 0, node })
    }

    /// How many are out.
    pub(super) fn out(&self) -> usize {
        self.out.len()
    }

    /// Whether the broker takes messages of that size. (Headers count, too.)
    pub(super) fn takes(&self, record: &Record) -> Result<(), String> {
        let most = self.client.max_payload();
        if record.body.len() + record.id.len() + record.node.len() + 256 <= most {
            return Ok(());
        }
        Err(format!("{} bytes are more than the broker takes ({most})", record.body.len()))
    }

    /// Sends one, and does not wait for its acknowledgement.
    pub(super) async fn send(&mut self, record: &Record) -> Result<(), String> {
        let mut headers = HeaderMap::new();
        headers.insert(NATS_MESSAGE_ID, record.id.as_str());
        headers.insert(self.node.clone(), record.node.as_str());
        let reply = format!("{}.{}", self.inbox, self.first + self.out.len() as u64);
        let route = record.route.clone();
        let published =
            self.client.publish_with_reply_and_headers(route, reply, headers, record.body.clone());
        // (It waits while the connection takes no more.)
        let published = match within(WITHIN, published).await {
            Some(published) => published.map_err(|error| error.to_string()),
            None => Err(format!("the broker takes nothing for {WITHIN:?}")),
        };
        self.out.push_back(false);
        published
    }

    /// Those acknowledgements that are there: how many of the oldest that were out have all been acknowledged.
    pub(super) fn take_acknowledged(&mut self) -> Result<usize, String> {
        while let Some(message) = self.acknowledgements.next().now_or_never() {
            let message = message.ok_or("the connection is over")?;
            self.note(&message)?;
        }
        let mut done = 0;
        while self.out.front() == Some(&true) {
            self.out.pop_front();
            done += 1;
        }
        self.first += done as u64;
        Ok(done)
    }

    /// Waits until the oldest that is out has been acknowledged, and takes what is there; nothing when nothing is out.
    pub(super) async fn acknowledged(&mut self) -> Result<usize, String> {
        loop {
            let done = self.take_acknowledged()?;
            if done > 0 || self.out.is_empty() {
                return Ok(done);
            }
            let next = tokio::time::timeout(WITHIN, self.acknowledgements.next()).await;
            let message = next.map_err(|_| format!("no acknowledgement within {WITHIN:?}"))?;
            self.note(&message.ok_or("the connection is over")?)?;
        }
    }

    fn note(&mut self, message: &Message) -> Result<(), String> {
        let number = message.subject.rsplit_once('.').and_then(|(_, number)| number.parse::<u64>().ok());
        let at = number.and_then(|number| usize::try_from(number.checked_sub(self.first)?).ok());
        let Some(acknowledged) = at.and_then(|at| self.out.get_mut(at)) else {
            return Err(format!("an acknowledgement of nothing that is out: {}", message.subject));
        };
        if message.status.is_some() {
            return Err("no stream takes this subject".to_owned());
        }
        let text: Acknowledgement = serde_json::from_slice(&message.payload)
            .map_err(|error| format!("an unreadable acknowledgement: {error}"))?;
        if let Some(error) = text.error {
            return Err(error.description);
        }
        *acknowledged = true;
        Ok(())
    }
}

/// Waits for so long; a timer is made only for what is not ready at once.
async fn within<F: Future>(time: Duration, future: F) -> Option<F::Output> {
    let mut future = std::pin::pin!(future);
    let first = std::future::poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await;
    match first {
        Poll::Ready(value) => Some(value),
        Poll::Pending => tokio::time::timeout(time, future).await.ok(),
    }
}
