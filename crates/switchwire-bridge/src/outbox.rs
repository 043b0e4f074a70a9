//! What waits to be delivered to one sink: in memory while the sink keeps up, on disk while it is away.
//!
//! Order: what is out at the sink, then memory, then the spool; a record is put behind all of these. So nothing goes into memory
//! again before the spool is empty.

use std::collections::VecDeque;
use std::io;
use std::sync::Arc;
use std::time::Duration;

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
}

#[derive(Debug, Default)]
struct State {
    /// Taken by the sink and not acknowledged.
    out: VecDeque<Out>,
    memory: VecDeque<Arc<Record>>,
    bytes: usize,
    spool: Option<Spool>,
    /// The sink is away: what comes goes to the spool.
    away: bool,
    closed: bool,
    counts: Counts,
}

#[derive(Debug)]
struct Out {
    record: Arc<Record>,
    /// Where it ends in the spool, if it came from there.
    place: Option<Place>,
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
        Self { state: Mutex::new(State { spool, ..State::default() }), changed: Notify::new(), most }
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

    /// The first so many of those that are out have been delivered.
    pub(crate) fn delivered(&self, count: usize) -> io::Result<()> {
        self.state.lock().done(count, |counts| &mut counts.delivered)
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

    fn push(&mut self, records: Vec<Record>, most: usize) -> Pushed {
        let count = records.len() as u64;
        let mut pushed = Pushed::default();
        let mut records = VecDeque::from(records);
        if !self.spooling() {
            while let Some(first) = records.front()
                && self.bytes + first.size() <= most
            {
                self.bytes += first.size();
                self.memory.extend(records.pop_front().map(Arc::new));
            }
        }
        if !records.is_empty() {
            let left = records.len();
            let kept = self.spool.as_mut().map_or(Ok(0), |spool| {
                let encoded: Vec<_> = records.iter().map(Record::encode).collect();
                spool.append(&encoded)
            });
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

    fn take(&mut self, count: usize, bytes: usize) -> Vec<Arc<Record>> {
        let mut taken = Vec::new();
        let mut size = 0;
        while taken.len() < count
            && size < bytes
            && let Some(record) = self.memory.pop_front()
        {
            size += record.size();
            taken.push(record.clone());
            self.out.push_back(Out { record, place: None });
        }
        if taken.is_empty() {
            self.take_from_spool(count, bytes, &mut taken);
        }
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
            self.out.push_back(Out { record, place: Some(place) });
        }
    }

    fn done(&mut self, count: usize, counted: fn(&mut Counts) -> &mut u64) -> io::Result<()> {
        let mut last = None;
        for _ in 0..count {
            let Some(out) = self.out.pop_front() else { break };
            self.bytes = self.bytes.saturating_sub(out.record.size());
            *counted(&mut self.counts) += 1;
            last = out.place.or(last);
        }
        match (last, &mut self.spool) {
            (Some(place), Some(spool)) => spool.acknowledge(place),
            _ => Ok(()),
        }
    }

    /// Back into memory or onto the spool, in their places.
    fn again(&mut self) {
        for out in self.out.drain(..).rev() {
            match out.place {
                Some(_) => self.bytes = self.bytes.saturating_sub(out.record.size()),
                None => self.memory.push_front(out.record),
            }
        }
        if let Some(spool) = &mut self.spool {
            spool.rewind();
        }
    }

    fn away(&mut self) -> io::Result<()> {
        self.away = true;
        self.again();
        let Some(spool) = &mut self.spool else { return Ok(()) };
        let encoded: Vec<_> = self.memory.iter().map(|record| record.encode()).collect();
        // (After an error they stay in memory, where they still come first.)
        spool.prepend(&encoded)?;
        self.memory.clear();
        self.bytes = 0;
        Ok(())
    }
}
#[cfg(test)]
mod tests {
    use super::*;
    use crate::spool::{Fsync, Plan, RealDisk};

    fn record(number: usize) -> Record {
        Record {
            id: number.to_string(),
            node: "fs1".into(),
            event: "HEARTBEAT".into(),
            route: "fs.fs1".into(),
            body: vec![b'x'; 100].into(),
        }
    }

    fn records(numbers: std::ops::Range<usize>) -> Vec<Record> {
        numbers.map(record).collect()
    }

    fn spool(folder: &std::path::Path, most: u64) -> Spool {
        let plan = Plan { most, segment: 2000, fsync: Fsync::Never };
        Spool::open(folder, plan, Box::new(RealDisk)).expect("a spool").0
    }

    fn ids(taken: &[Arc<Record>]) -> Vec<usize> {
        taken.iter().map(|record| record.id.parse().expect("a number")).collect()
    }

    #[tokio::test]
    async fn order_is_kept_over_memory_and_spool_and_an_absence() {
        let folder = tempfile::tempdir().expect("a folder");
        let outbox = Outbox::new(10 * record(0).size(), Some(spool(folder.path(), 1 << 20)));
        // 0 to 9 fit into memory, the rest is spooled.
        assert_eq!(outbox.push(records(0..25)).dropped, 0);
        let first = outbox.take(4, 1 << 20).await.expect("some");
        assert_eq!(ids(&first), [0, 1, 2, 3]);
        outbox.delivered(2).expect("acknowledged");
        outbox.away().expect("spooled");
        assert_eq!(outbox.waiting().memory_bytes, 0);
        outbox.push(records(25..30));
        outbox.back();
        let mut all = Vec::new();
        while all.len() < 28 {
            let some = outbox.take(6, 1 << 20).await.expect("some");
            all.extend(ids(&some));
            outbox.delivered(some.len()).expect("acknowledged");
        }
        assert_eq!(all, (2..30).collect::<Vec<_>>());
        // The spool is empty: memory again.
        outbox.push(records(30..31));
        assert_eq!(outbox.waiting().spool_bytes, 0);
        assert_eq!(ids(&outbox.take(6, 1 << 20).await.expect("one")), [30]);
        assert_eq!(outbox.counts().delivered, 30);
    }

    #[tokio::test]
    async fn what_was_out_of_the_spool_is_read_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let outbox = Outbox::new(1, Some(spool(folder.path(), 1 << 20)));
        outbox.push(records(0..9));
        outbox.take(5, 1 << 20).await.expect("some");
        outbox.delivered(3).expect("acknowledged");
        outbox.away().expect("spooled");
        outbox.back();
        let again = outbox.take(9, 1 << 20).await.expect("some");
        assert_eq!(ids(&again)[0], 3);
    }

    #[tokio::test]
    async fn without_room_it_drops_the_newest_and_says_how_many() {
        let outbox = Outbox::new(3 * record(0).size(), None);
        assert_eq!(outbox.push(records(0..5)).dropped, 2);
        outbox.take(2, 1 << 20).await.expect("some");
        outbox.away().expect("no spool");
        outbox.back();
        assert_eq!(ids(&outbox.take(9, 1 << 20).await.expect("some")), [0, 1, 2]);
        outbox.delivered(3).expect("acknowledged");
        assert_eq!(outbox.counts(), Counts { accepted: 3, delivered: 3, dropped: 2, ..Counts::default() });
        outbox.close();
        assert!(outbox.take(9, 1 << 20).await.is_none());
        let folder = tempfile::tempdir().expect("a folder");
        let bounded = Outbox::new(1, Some(spool(folder.path(), 600)));
        let dropped = bounded.push(records(0..9)).dropped;
        assert!((1..9).contains(&dropped), "{dropped}");
    }

    #[tokio::test]
    async fn what_the_sink_refuses_holds_nothing_up() {
        let outbox = Outbox::new(1 << 20, None);
        outbox.push(records(0..3));
        outbox.take(3, 1 << 20).await.expect("some");
        outbox.delivered(1).expect("acknowledged");
        outbox.refused().expect("acknowledged");
        outbox.delivered(1).expect("acknowledged");
        assert_eq!(outbox.counts(), Counts { accepted: 3, delivered: 2, refused: 1, ..Counts::default() });
    }
}
