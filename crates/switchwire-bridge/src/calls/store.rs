//! The bucket's side: writes what is due, over one connection to the broker.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_nats::Client;
use async_nats::connection::State;
use async_nats::jetstream::consumer::{DeliverPolicy, pull};
use async_nats::jetstream::kv::Store;
use async_nats::jetstream::stream::{self, DiscardPolicy, StorageType};
use futures_util::{StreamExt as _, TryStreamExt as _};

use super::follow::Due;
use super::{CallsConfig, LiveCalls};

/// How many writes are out at once.
const AT_ONCE: usize = 64;
/// How often everything is compared: of two bridges that write the same bucket one may have died between two writes.
const COMPARED: Duration = Duration::from_secs(30);
/// For how long the bucket remembers that a key has gone, for watchers that come late: else it would keep every uuid there ever was.
const REMEMBERED: Duration = Duration::from_secs(60);

/// How long the broker has for the next key of a list.
const WITHIN: Duration = Duration::from_secs(5);

/// Writes over that connection until it ends.
pub(crate) async fn serve(config: CallsConfig, live: LiveCalls, client: Client) {
    let number = live.serve();
    let mut writer = None;
    loop {
        let failed = match &mut writer {
            None => match open(&config, &client).await {
                Ok(store) => {
                    writer = Some(Writer { store, live: live.clone(), gone: HashMap::new() });
                    continue;
                }
                Err(error) => error,
            },
            Some(writer) => match writer.write(number).await {
                Ok(true) => continue,
                Ok(false) => return,
                Err(error) => error,
            },
        };
        // (A connection to the broker never comes back by itself.)
        if client.connection_state() == State::Disconnected {
            return;
        }
        tracing::warn!(bucket = config.bucket, error = %failed, "the calls cannot be written");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

type Failed = Box<dyn std::error::Error + Send + Sync>;

async fn open(config: &CallsConfig, client: &Client) -> Result<Store, Failed> {
    let context = async_nats::jetstream::new(client.clone());
    // (Of a bucket that is not there servers say so in several ways.)
    if let Ok(store) = context.get_key_value(&config.bucket).await {
        return Ok(store);
    }
    // (As clients make a bucket; theirs ask for the account's figures first, which fails with servers before 2.10.)
    let bucket = stream::Config {
        name: format!("KV_{}", config.bucket),
        description: Some("calls that are up".to_owned()),
        subjects: vec![format!("$KV.{}.>", config.bucket)],
        max_messages_per_subject: 1,
        storage: StorageType::Memory,
        num_replicas: config.replicas,
        discard: DiscardPolicy::New,
        allow_rollup: true,
        deny_delete: true,
        allow_direct: true,
        ..stream::Config::default()
    };
    context.create_stream(bucket).await?;
    Ok(context.get_key_value(&config.bucket).await?)
}

struct Writer {
    store: Store,
    live: LiveCalls,
    /// Keys that have gone, and since when.
    gone: HashMap<String, Instant>,
}

impl Writer {
    /// Writes what is due, or waits for it. False: another connection is served.
    async fn write(&mut self, number: u64) -> Result<bool, Failed> {
        let Ok(due) = tokio::time::timeout(COMPARED, self.live.due(number)).await else {
            self.live.compare_all();
            self.clear_up().await?;
            return Ok(true);
        };
        let Some(due) = due else { return Ok(false) };
        if let Err(failed) = self.write_due(&due).await {
            self.live.put_back(due);
            return Err(failed);
        }
        self.clear_up().await?;
        Ok(true)
    }

    async fn write_due(&mut self, due: &Due) -> Result<(), Failed> {
        let mut keys: HashMap<String, Option<String>> = HashMap::new();
        for (node, uuid) in &due.legs {
            keys.insert(key(node, uuid), self.live.leg(node, uuid));
        }
        for node in &due.nodes {
            self.compare(node, &mut keys).await?;
        }
        let writes: Vec<_> = keys.iter().map(|(key, value)| self.put(key, value.as_deref())).collect();
        let () = futures_util::stream::iter(writes).buffer_unordered(AT_ONCE).try_collect().await?;
        let now = Instant::now();
        for (key, value) in keys {
            if value.is_none() {
                self.gone.insert(key, now);
            } else {
                self.gone.remove(&key);
            }
        }
        Ok(())
    }

    /// All legs of a switch, and the keys that are none.
    async fn compare(
        &self,
        node: &Arc<str>,
        keys: &mut HashMap<String, Option<String>>,
    ) -> Result<(), Failed> {
        let mut up = HashSet::new();
        for uuid in self.live.uuids(node) {
            let key = key(node, &uuid);
            if let Some(leg) = self.live.leg(node, &uuid) {
                keys.insert(key.clone(), Some(leg));
                up.insert(key);
            }
        }
        for key in self.stored(&format!("{}.", word(node))).await? {
            if !up.contains(&key) && !self.gone.contains_key(&key) {
                keys.insert(key, None);
            }
        }
        Ok(())
    }

    /// The keys that begin so, also those that have gone and are remembered.
    async fn stored(&self, beginning: &str) -> Result<Vec<String>, Failed> {
        let latest = pull::OrderedConfig {
            filter_subject: format!("{}{beginning}>", self.store.prefix),
            deliver_policy: DeliverPolicy::LastPerSubject,
            headers_only: true,
            ..pull::OrderedConfig::default()
        };
        let consumer = self.store.stream.create_consumer(latest).await?;
        let count = usize::try_from(consumer.cached_info().num_pending)?;
        let mut messages = consumer.messages().await?.take(count);
        let mut keys = Vec::with_capacity(count);
        while let Some(message) = tokio::time::timeout(WITHIN, messages.next()).await? {
            keys.extend(message?.subject.strip_prefix(self.store.prefix.as_str()).map(str::to_owned));
        }
        Ok(keys)
    }

    async fn put(&self, key: &str, value: Option<&str>) -> Result<(), Failed> {
        match value {
            Some(value) => {
                self.store.put(key, value.to_owned().into()).await?;
            }
            None => self.store.purge(key).await?,
        }
        Ok(())
    }

    /// Takes out what has been gone for long.
    async fn clear_up(&mut self) -> Result<(), Failed> {
        let old: Vec<String> = self
            .gone
            .iter()
            .filter(|(_, since)| since.elapsed() >= REMEMBERED)
            .map(|(key, _)| key.clone())
            .collect();
        for key in old {
            self.store.stream.purge().filter(format!("{}{key}", self.store.prefix)).await?;
            self.gone.remove(&key);
        }
        Ok(())
    }
}

fn key(node: &str, uuid: &str) -> String {
    format!("{}.{}", word(node), word(uuid))
}

/// What a key cannot hold is written as `=2E`.
fn word(text: &str) -> String {
    use std::fmt::Write as _;
    let mut word = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') {
            word.push(char::from(byte));
        } else {
            let _ = write!(word, "={byte:02X}");
        }
    }
    word
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_one_dot() {
        assert_eq!(key("fs1.example", "a-b_c"), "fs1=2Eexample.a-b_c");
        assert_eq!(key("a b", "ä"), "a=20b.=C3=A4");
    }
}
