//! What is in the stream.

use async_nats::jetstream::{self, consumer};
use futures_util::StreamExt as _;
use serde_json::Value;

/// A record as a consumer sees it.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    pub(crate) subject: String,
    pub(crate) id: String,
    pub(crate) body: Value,
    /// When the broker stored it.
    pub(crate) at: std::time::SystemTime,
}

/// All that is there now.
pub(crate) async fn stored(url: &str) -> Vec<Stored> {
    let mut all = Vec::new();
    for_each_stored(url, |one| all.push(one)).await;
    all
}

/// Each that is there now, in its order.
pub(crate) async fn for_each_stored(url: &str, mut each: impl FnMut(Stored)) {
    let client = async_nats::connect(url).await.expect("connects");
    let context = jetstream::new(client);
    let mut stream = context.get_stream("FREESWITCH").await.expect("the stream");
    let count = stream.info().await.expect("its state").state.messages;
    let config = consumer::pull::OrderedConfig::default();
    let consumer = stream.create_consumer(config).await.expect("a consumer");
    let mut messages = consumer.messages().await.expect("messages");
    for _ in 0..count {
        let message = messages.next().await.expect("one").expect("a message");
        let at = message.info().expect("of a stream").published;
        let headers = message.headers.clone().unwrap_or_default();
        each(Stored {
            subject: message.subject.to_string(),
            id: headers.get("Nats-Msg-Id").map(ToString::to_string).unwrap_or_default(),
            body: serde_json::from_slice(&message.payload).expect("JSON"),
            at: at.into(),
        });
    }
}
