//! The bounded queue of messages that have been received and not yet taken.

use std::collections::VecDeque;

use switchwire_proto::Message;

use crate::options::{Overflow, QueueLimits};
use crate::{Error, ErrorKind};

pub(crate) struct Queue {
    messages: VecDeque<Message>,
    bytes: usize,
    limits: QueueLimits,
    /// Its room is to be freed, once what it holds has been taken.
    releases: bool,
    /// Messages that have come, dropped ones included.
    pub(super) received: u64,
    /// Of those, dropped because the queue held too many messages.
    pub(super) dropped_by_count: u64,
    /// Of those, dropped because the queue held too many bytes.
    pub(super) dropped_by_bytes: u64,
}

impl Queue {
    pub(super) fn new(limits: QueueLimits) -> Self {
        Self {
            messages: VecDeque::new(),
            bytes: 0,
            limits,
            releases: false,
            received: 0,
            dropped_by_count: 0,
            dropped_by_bytes: 0,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.messages.len()
    }

    /// Whether reading pauses until something has been taken.
    pub(super) fn is_held_up(&self) -> bool {
        self.limits.overflow == Overflow::Block
            && (self.messages.len() >= self.limits.events || self.bytes >= self.limits.bytes)
    }

    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    /// Appends a message, by the policy for a full queue.
    ///
    /// # Errors
    /// The policy is to close the connection.
    #[inline]
    pub(super) fn push(&mut self, message: Message) -> Result<(), Error> {
        self.received += 1;
        let size = message.len();
        if self.has_no_room(size) && !self.make_room(size)? {
            return Ok(());
        }
        self.bytes += size;
        self.messages.push_back(message);
        #[cfg(feature = "metrics")]
        crate::telemetry::queued(1);
        Ok(())
    }

    #[inline]
    fn has_no_room(&self, size: usize) -> bool {
        self.messages.len() >= self.limits.events || self.bytes + size > self.limits.bytes
    }

    /// Applies the policy for a full queue; whether the message is to be queued then.
    #[cold]
    fn make_room(&mut self, size: usize) -> Result<bool, Error> {
        while self.has_no_room(size) {
            let by_bytes = self.messages.len() < self.limits.events;
            match self.limits.overflow {
                // The reader has stopped; what it read already is kept.
                Overflow::Block => break,
                _ if by_bytes => self.dropped_by_bytes += 1,
                _ => self.dropped_by_count += 1,
            }
            match self.limits.overflow {
                Overflow::Block => break,
                Overflow::DropNewest => return Ok(false),
                Overflow::DropOldest => {
                    if self.pop().is_none() {
                        return Ok(false);
                    }
                }
                Overflow::Fail => {
                    let detail = format!("the event queue is full ({} events)", self.messages.len());
                    return Err(Error::new(ErrorKind::LimitExceeded, detail));
                }
            }
        }
        Ok(true)
    }

    pub(super) fn pop(&mut self) -> Option<Message> {
        let message = self.messages.pop_front()?;
        self.bytes -= message.len();
        #[cfg(feature = "metrics")]
        crate::telemetry::queued(-1);
        self.release_when_asked();
        Some(message)
    }

    /// Takes up to `max` messages at once.
    pub(super) fn take(&mut self, max: usize) -> Vec<Message> {
        let taken: Vec<_> = self.messages.drain(..max.min(self.messages.len())).collect();
        self.bytes -= taken.iter().map(Message::len).sum::<usize>();
        #[cfg(feature = "metrics")]
        crate::telemetry::queued(-i64::try_from(taken.len()).unwrap_or(i64::MAX));
        self.release_when_asked();
        taken
    }

    /// Frees the room of an empty queue; how many bytes. That of another is freed when all has been taken: nothing may come
    /// any more that would have this asked again.
    pub(super) fn release(&mut self) -> usize {
        self.releases = !self.messages.is_empty();
        if self.releases {
            return 0;
        }
        let before = self.messages.capacity();
        self.messages = VecDeque::new();
        before * size_of::<Message>()
    }

    #[inline]
    fn release_when_asked(&mut self) {
        if self.releases && self.messages.is_empty() {
            self.release();
        }
    }
}

/// What was never taken waits no more.
#[cfg(feature = "metrics")]
impl Drop for Queue {
    fn drop(&mut self) {
        crate::telemetry::queued(-i64::try_from(self.messages.len()).unwrap_or(i64::MAX));
    }
}

#[cfg(all(test, not(switchwire_model)))]
mod tests {
    use super::*;
    use crate::options::Options;

    fn flooded() -> Queue {
        let mut queue = Queue::new(Options::inbound().queue);
        for _ in 0..1000 {
            queue.push(log_line()).unwrap();
        }
        queue
    }

    fn log_line() -> Message {
        let mut decoder = switchwire_proto::Decoder::new(switchwire_proto::Limits::default());
        decoder.feed(b"Content-Type: log/data\nContent-Length: 0\n\n");
        decoder.next_message().unwrap().unwrap()
    }

    #[test]
    fn the_room_of_an_empty_queue_is_freed() {
        let mut queue = flooded();
        while queue.pop().is_some() {}
        assert!(queue.messages.capacity() >= 1000);
        assert!(queue.release() > 0);
        assert_eq!(queue.messages.capacity(), 0);
    }

    #[test]
    fn the_room_of_a_queue_that_was_not_empty_then_is_freed_when_all_has_been_taken() {
        for takes in [1, 300] {
            let mut queue = flooded();
            assert_eq!(queue.release(), 0);
            let mut left = queue.len();
            while left > 0 {
                assert!(queue.messages.capacity() >= left);
                left -= queue.take(takes).len();
            }
            assert_eq!(queue.messages.capacity(), 0);
        }
        let mut queue = flooded();
        queue.release();
        while queue.pop().is_some() {}
        assert_eq!(queue.messages.capacity(), 0);
    }

    #[test]
    fn a_queue_that_is_busy_again_keeps_its_room() {
        let mut queue = flooded();
        queue.release();
        while queue.pop().is_some() {}
        for _ in 0..10 {
            queue.push(log_line()).unwrap();
            queue.pop();
        }
        assert!(queue.messages.capacity() > 0);
    }
}
