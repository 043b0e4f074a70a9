//! What waits to be delivered to one sink: in memory while the sink keeps up, on disk while it is away.
//!
//! Order: what is out at the sink, then memory, then the part of the spool that has not been read; a record is put behind all of
//! these. So nothing goes into memory again before the spool has been read to its end. What is out is either from memory or from
//! the spool, never some of both: so memory, when it has to go to disk, belongs before all of the spool, or, if it came while the
//! spool's end was out, behind all of it (`memory_last`).

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::{Duration, Instant};

use metrics::Histogram;
use parking_lot::Mutex;
use tokio::sync::Notify;

use crate::record::Record;
use crate::spool::{Place, Spool};

/// The records for one sink. [`push`](Self::push) never waits for the sink.
#[derive(Debug)]
pub(crate) struct Outbox {
    state: Mutex<State>,
    changed: Notify,
    most: usize,
    /// From [`push`](Self::push) to the sink's acknowledgement, of what went through memory alone.
    latency: Histogram,
}

#[derive(Debug, Default)]
struct State {
    /// Taken by the sink and not acknowledged.
    out: VecDeque<Out>,
    memory: VecDeque<Waits>,
    /// What is in memory came after all that is in the spool.
    memory_last: bool,
    /// Of all that is in memory or out.
    bytes: usize,
    out_bytes: usize,
    spool: Option<Spool>,
    /// The sink is away: what comes goes to the spool.
    away: bool,
    closed: bool,
    counts: Counts,
}

#[derive(Debug)]
struct Out {
    record: Arc<Record>,
    from: Origin,
}

/// In memory, since when.
#[derive(Debug)]
struct Waits {
    record: Arc<Record>,
    since: Instant,
}

/// Where what is out came from.
#[derive(Debug, Clone, Copy)]
enum Origin {
    /// Memory, where it had been since then.
    Memory(Instant),
    /// The spool, where it ends there.
    Spool(Place),
}

/// How many records, so far.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Counts {
    pub(crate) accepted: u64,
    pub(crate) delivered: u64,
    /// There was no room.
    pub(crate) dropped: u64,
    /// The spool could not be written or read.
    pub(crate) lost: u64,
    /// The sink will not have them.
    pub(crate) refused: u64,
}

/// How much waits.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Waiting {
    pub(crate) records: usize,
    pub(crate) memory_bytes: usize,
    pub(crate) spool_bytes: u64,
}

/// How much is at the sink, and not acknowledged.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct OutNow {
    pub(crate) records: usize,
    pub(crate) bytes: usize,
}

/// What became of records that were pushed.
#[derive(Debug, Default)]
pub(crate) struct Pushed {
    /// How many were not accepted.
    pub(crate) dropped: u64,
    /// Why, where the spool failed.
    pub(crate) error: Option<io::Error>,
}

impl Outbox {
    /// An outbox that keeps so many bytes in memory.
    pub(crate) fn new(most: usize, spool: Option<Spool>) -> Self {
        Self {
            state: Mutex::new(State { spool, ..State::default() }),
            changed: Notify::new(),
            most,
            latency: Histogram::noop(),
        }
    }

    /// Says how long records take, as that histogram.
    pub(crate) fn measured_by(mut self, latency: Histogram) -> Self {
        self.latency = latency;
        self
    }

    /// Puts records behind all others, or drops them and says so. May write to the disk; never waits for the sink.
    pub(crate) fn push(&self, records: Vec<Record>) -> Pushed {
        let pushed = self.state.lock().push(records, self.most);
        self.changed.notify_one();
        pushed
    }

    /// Puts one record behind all others if there is room; one that is not taken does not count as dropped.
    pub(crate) fn offer(&self, record: Record) -> bool {
        let mut state = self.state.lock();
        let counts = state.counts;
        let taken = state.push(vec![record], self.most).dropped == 0;
        if !taken {
            state.counts = counts;
        }
        drop(state);
        self.changed.notify_one();
        taken
    }

    /// Waits for records to deliver: at most `count`, of about `bytes` bytes. None when it is closed and empty. Dropping the future
    /// takes nothing.
    pub(crate) async fn take(&self, count: usize, bytes: usize) -> Option<Vec<Arc<Record>>> {
        loop {
            let changed = self.changed.notified();
            {
                let mut state = self.state.lock();
                let taken = state.take(count, bytes);
                if !taken.is_empty() {
                    return Some(taken);
                }
                if state.closed {
                    return None;
                }
            }
            changed.await;
        }
    }

    /// As [`take`](Self::take), what is there now.
    pub(crate) fn try_take(&self, count: usize, bytes: usize) -> Vec<Arc<Record>> {
        self.state.lock().take(count, bytes)
    }

    /// How much is out.
    pub(crate) fn out(&self) -> OutNow {
        let state = self.state.lock();
        OutNow { records: state.out.len(), bytes: state.out_bytes }
    }

    /// The identity of the first of those that are out.
    pub(crate) fn oldest(&self) -> Option<String> {
        self.state.lock().out.front().map(|out| out.record.id.clone())
    }

    /// The first so many of those that are out have been delivered.
    pub(crate) fn delivered(&self, count: usize) -> io::Result<()> {
        if count == 0 {
            return Ok(());
        }
        let mut state = self.state.lock();
        let mut pushed: Vec<(Instant, usize)> = Vec::new();
        for out in state.out.iter().take(count) {
            match (out.from, pushed.last_mut()) {
                (Origin::Memory(since), Some((last, together))) if *last == since => *together += 1,
                (Origin::Memory(since), _) => pushed.push((since, 1)),
                (Origin::Spool(_), _) => {}
            }
        }
        let done = state.done(count, |counts| &mut counts.delivered);
        drop(state);
        for (since, together) in pushed {
            self.latency.record_many(since.elapsed(), together);
        }
        done
    }

    /// The sink will never take the first of those that are out.
    pub(crate) fn refused(&self) -> io::Result<()> {
        self.state.lock().done(1, |counts| &mut counts.refused)
    }

    /// The sink is away: what was out is out no more, and all that waits goes to the spool.
    pub(crate) fn away(&self) -> io::Result<()> {
        self.state.lock().away()
    }

    /// What is out is taken again.
    pub(crate) fn again(&self) {
        self.state.lock().again();
    }

    /// The sink is there.
    pub(crate) fn back(&self) {
        self.state.lock().away = false;
    }

    /// Nothing more will be pushed.
    pub(crate) fn close(&self) {
        self.state.lock().closed = true;
        self.changed.notify_one();
    }

    pub(crate) fn counts(&self) -> Counts {
        self.state.lock().counts
    }

    pub(crate) fn waiting(&self) -> Waiting {
        let state = self.state.lock();
        Waiting {
            records: state.out.len() + state.memory.len(),
            memory_bytes: state.bytes,
            spool_bytes: state.spool.as_ref().map_or(0, Spool::bytes),
        }
    }

    /// Looks after the spool's promise for as long as the program runs.
    pub(crate) async fn keep_synced(&self, every: Duration) {
        loop {
            tokio::time::sleep(every).await;
            let synced = self.state.lock().spool.as_mut().map_or(Ok(()), Spool::sync_if_due);
            if let Err(error) = synced {
                tracing::error!(%error, "the spool cannot be synced");
            }
        }
    }
}

impl State {
    fn spooling(&self) -> bool {
        self.spool.as_ref().is_some_and(|spool| self.away || !spool.is_read())
    }

    /// Whether what is out was read from the spool.
    fn out_of_spool(&self) -> bool {
        matches!(self.out.front(), Some(Out { from: Origin::Spool(_), .. }))
    }

    fn push(&mut self, records: Vec<Record>, most: usize) -> Pushed {
        let count = records.len() as u64;
        let mut pushed = Pushed::default();
        let mut records = VecDeque::from(records);
        if !self.spooling() {
            if self.memory.is_empty() {
                self.memory_last = self.out_of_spool();
            }
            let since = Instant::now();
            while let Some(first) = records.front()
                && self.bytes + first.size() <= most
            {
                self.bytes += first.size();
                let waits = |record| Waits { record: Arc::new(record), since };
                self.memory.extend(records.pop_front().map(waits));
            }
        }
        if !records.is_empty() {
            let left = records.len();
            let kept = self.append(&records);
            match kept {
                Ok(kept) => {
                    pushed.dropped = (left - kept) as u64;
                    self.counts.dropped += pushed.dropped;
                }
                Err(error) => {
                    pushed.dropped = left as u64;
                    self.counts.lost += pushed.dropped;
                    pushed.error = Some(error);
                }
            }
        }
        self.counts.accepted += count - pushed.dropped;
        pushed
    }

    /// Puts records on the spool, behind memory.
    fn append(&mut self, records: &VecDeque<Record>) -> io::Result<usize> {
        if self.memory_last {
            self.append_memory()?;
        }
        let Some(spool) = &mut self.spool else { return Ok(0) };
        let encoded: Vec<_> = records.iter().map(Record::encode).collect();
        spool.append(&encoded)
    }

    /// Moves memory behind all of the spool.
    fn append_memory(&mut self) -> io::Result<()> {
        let Some(spool) = &mut self.spool else { return Ok(()) };
        let encoded: Vec<_> = self.memory.iter().map(|waits| waits.record.encode()).collect();
        spool.append_accepted(&encoded)?;
        self.forget_memory();
        Ok(())
    }

    fn forget_memory(&mut self) {
        self.memory_last = false;
        let gone: usize = self.memory.drain(..).map(|waits| waits.record.size()).sum();
        self.bytes = self.bytes.saturating_sub(gone);
    }

    fn take(&mut self, count: usize, bytes: usize) -> Vec<Arc<Record>> {
        let mut taken = Vec::new();
        if count == 0 || bytes == 0 {
            return taken;
        }
        let mut size = 0;
        let spool_first = self.memory_last && self.spool.as_ref().is_some_and(|spool| !spool.is_read());
        if !self.out_of_spool() && !spool_first {
            self.memory_last = false;
            while taken.len() < count
                && size < bytes
                && let Some(Waits { record, since }) = self.memory.pop_front()
            {
                size += record.size();
                taken.push(record.clone());
                self.out.push_back(Out { record, from: Origin::Memory(since) });
            }
        }
        if taken.is_empty() && (self.out.is_empty() || self.out_of_spool()) {
            self.take_from_spool(count, bytes, &mut taken);
        }
        self.out_bytes += taken.iter().map(|record| record.size()).sum::<usize>();
        taken
    }

    fn take_from_spool(&mut self, count: usize, bytes: usize, taken: &mut Vec<Arc<Record>>) {
        let Some(spool) = self.spool.as_mut().filter(|spool| !spool.is_read()) else { return };
        let read = match spool.read(count, bytes) {
            Ok(read) => read,
            Err(error) => {
                tracing::error!(%error, "the spool cannot be read");
                return;
            }
        };
        if read.damaged > 0 {
            self.counts.lost += 1;
            tracing::error!(bytes = read.damaged, "a part of the spool is damaged and was passed over");
        }
        for (place, bytes) in read.records {
            let Some(record) = Record::decode(&bytes) else {
                self.counts.lost += 1;
                tracing::error!("a record of the spool cannot be read");
                continue;
            };
            let record = Arc::new(record);
            self.bytes += record.size();
            taken.push(record.clone());
            self.out.push_back(Out { record, from: Origin::Spool(place) });
        }
    }

    fn done(&mut self, count: usize, counted: fn(&mut Counts) -> &mut u64) -> io::Result<()> {
        let mut last = None;
        for _ in 0..count {
            let Some(out) = self.out.pop_front() else { break };
            self.bytes = self.bytes.saturating_sub(out.record.size());
            self.out_bytes = self.out_bytes.saturating_sub(out.record.size());
            *counted(&mut self.counts) += 1;
            if let Origin::Spool(place) = out.from {
                last = Some(place);
            }
        }
        match (last, &mut self.spool) {
            (Some(place), Some(spool)) => spool.acknowledge(place),
            _ => Ok(()),
        }
    }

    /// Back into memory or onto the spool, in their places.
    fn again(&mut self) {
        for out in self.out.drain(..).rev() {
            match out.from {
                Origin::Spool(_) => self.bytes = self.bytes.saturating_sub(out.record.size()),
                Origin::Memory(since) => self.memory.push_front(Waits { record: out.record, since }),
            }
        }
        self.out_bytes = 0;
        if let Some(spool) = &mut self.spool {
            spool.rewind();
        }
    }

    fn away(&mut self) -> io::Result<()> {
        self.away = true;
        // (After an error they stay in memory, in their place.)
        let appended = if self.memory_last { self.append_memory() } else { Ok(()) };
        self.again();
        appended?;
        let Some(spool) = &mut self.spool else { return Ok(()) };
        let encoded: Vec<_> = self.memory.iter().map(|waits| waits.record.encode()).collect();
        spool.prepend(&encoded)?;
        self.forget_memory();
        Ok(())
    }
}

#[cfg(test)]
mod tests;
