//! Values for programs that take them as a stream or by a callback, in order.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use crate::inbox::ReadyCallback;
use crate::sync::Mutex;
use crate::{Error, ErrorKind, Result};

/// Those that take the values.
pub(crate) struct Feeds<T> {
    queues: BTreeMap<u64, Queue<T>>,
    next: u64,
}

/// What waits to be taken. Clones are the same queue.
pub(crate) struct Queue<T>(Arc<Mutex<Values<T>>>);

struct Values<T> {
    waiting: VecDeque<Result<T>>,
    dropped: u64,
    /// For callbacks: taken while it runs.
    callback: Option<Callback<T>>,
    calls_back: bool,
}

type Callback<T> = Box<dyn FnMut(Result<T>) + Send>;

impl<T> Default for Feeds<T> {
    fn default() -> Self {
        Self { queues: BTreeMap::new(), next: 0 }
    }
}

impl<T> Clone for Queue<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T: Clone + Send + 'static> Feeds<T> {
    pub(crate) fn add(&mut self, queue: Queue<T>) -> u64 {
        self.next += 1;
        self.queues.insert(self.next, queue);
        self.next
    }

    /// To be [`close`](Queue::close)d without locks.
    pub(crate) fn remove(&mut self, number: u64) -> Option<Queue<T>> {
        self.queues.remove(&number)
    }

    pub(crate) fn put(&mut self, value: &Result<T>, ready: &mut Vec<ReadyCallback>) {
        for queue in self.queues.values() {
            queue.put(value.clone(), ready);
        }
    }
}

impl<T: Clone + Send + 'static> Queue<T> {
    /// A stream that begins with these values.
    pub(crate) fn stream(first: impl IntoIterator<Item = Result<T>>) -> Self {
        let waiting = first.into_iter().collect();
        Self(Arc::new(Mutex::new(Values { waiting, dropped: 0, callback: None, calls_back: false })))
    }

    pub(crate) fn callback(callback: impl FnMut(Result<T>) + Send + 'static) -> Self {
        let callback: Option<Callback<T>> = Some(Box::new(callback));
        Self(Arc::new(Mutex::new(Values {
            waiting: VecDeque::new(),
            dropped: 0,
            callback,
            calls_back: true,
        })))
    }

    pub(crate) fn take(&self) -> Option<Result<T>> {
        self.0.lock().waiting.pop_front()
    }

    pub(crate) fn put(&self, value: Result<T>, ready: &mut Vec<ReadyCallback>) {
        let mut values = self.0.lock();
        if values.waiting.len() >= MOST_WAITING && !values.calls_back {
            // All of them: a part of the story would be taken for the whole.
            values.dropped += values.waiting.len() as u64;
            let detail = format!("{} were not taken in time and were dropped: look anew", values.dropped);
            values.waiting.clear();
            values.waiting.push_back(Err(Error::new(ErrorKind::LimitExceeded, detail)));
        }
        values.waiting.push_back(value);
        if values.calls_back {
            let queue = self.clone();
            ready.push(Box::new(move || queue.call_back()));
        }
    }

    /// Calls back for each value in order; on one thread at a time.
    fn call_back(&self) {
        loop {
            let mut values = self.0.lock();
            if values.callback.is_none() {
                // It runs further up or on another thread, which goes on.
                return;
            }
            let Some(value) = values.waiting.pop_front() else { return };
            let callback = values.callback.take();
            drop(values);
            let Some(mut callback) = callback else { return };
            callback(value);
            let mut values = self.0.lock();
            if !values.calls_back {
                drop(values);
                drop(callback);
                return;
            }
            values.callback = Some(callback);
        }
    }

    /// Nothing is called back any more.
    pub(crate) fn close(&self) {
        let mut values = self.0.lock();
        values.calls_back = false;
        let callback = values.callback.take();
        drop(values);
        drop(callback);
    }
}

/// How many values a stream keeps.
const MOST_WAITING: usize = 10_000;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stream_that_is_not_taken_says_what_it_dropped() {
        let queue = Queue::stream([]);
        let mut ready = Vec::new();
        for number in 0..=MOST_WAITING {
            queue.put(Ok(number), &mut ready);
        }
        let dropped = queue.take().unwrap().unwrap_err();
        assert_eq!(dropped.kind(), ErrorKind::LimitExceeded);
        assert!(dropped.to_string().starts_with("10000 were not taken"), "{dropped}");
        assert_eq!(queue.take().unwrap().unwrap(), MOST_WAITING);
        assert!(queue.take().is_none() && ready.is_empty());
    }

    #[test]
    fn callbacks_keep_the_order_also_from_within() {
        let (tell, told) = std::sync::mpsc::channel();
        let mut feeds = Feeds::default();
        let slot: Arc<Mutex<Option<Queue<u32>>>> = Arc::default();
        let own = slot.clone();
        let queue = Queue::callback(move |value: Result<u32>| {
            let value = value.unwrap();
            if value == 1 {
                // What comes while it runs waits for its turn.
                let mut ready = Vec::new();
                own.lock().as_ref().unwrap().put(Ok(2), &mut ready);
                ready.into_iter().for_each(|callback| callback());
            }
            tell.send(value).unwrap();
        });
        *slot.lock() = Some(queue.clone());
        let number = feeds.add(queue);
        let mut ready = Vec::new();
        feeds.put(&Ok(1), &mut ready);
        feeds.put(&Ok(3), &mut ready);
        ready.into_iter().for_each(|callback| callback());
        assert_eq!(told.try_iter().collect::<Vec<_>>(), [1, 3, 2]);
        feeds.remove(number).unwrap().close();
        slot.lock().take();
        assert!(told.recv().is_err(), "the callback is dropped");
    }
}
